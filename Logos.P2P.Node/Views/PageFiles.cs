using System.Collections.Frozen;
using System.Reflection;
using Microsoft.AspNetCore.Http;

namespace Logos.P2P.Node.Views;

/// <summary>The files of the pages, which are in the program. They load nothing from anywhere else, and the browser sees to that.</summary>
internal static class PageFiles
{
    private const string Prefix = "page/";

    /// <summary>
    /// What a page may do: run its own script, use its own style, talk to its own server. No other page may show it in a frame.
    /// </summary>
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
        + "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

    private static readonly FrozenDictionary<string, byte[]> Files = Load();

    /// <summary>Sets what holds for every answer.</summary>
    public static void SetHeaders(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }

    /// <summary>Answers with a file.</summary>
    public static async Task SendAsync(HttpResponse response, string name)
    {
        if (!Files.TryGetValue(name, out byte[]? file))
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        response.ContentType = Path.GetExtension(name) switch
        {
            ".html" => "text/html; charset=utf-8",
            ".css" => "text/css; charset=utf-8",
            ".svg" => "image/svg+xml",
            _ => "text/javascript; charset=utf-8",
        };
        response.ContentLength = file.Length;
        await response.Body.WriteAsync(file).ConfigureAwait(false);
    }

    private static FrozenDictionary<string, byte[]> Load()
    {
        Assembly program = typeof(PageFiles).Assembly;
        return program.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .ToFrozenDictionary(name => name[Prefix.Length..], name =>
            {
                using Stream stream = program.GetManifestResourceStream(name)!;
                using var bytes = new MemoryStream();
                stream.CopyTo(bytes);
                return bytes.ToArray();
            });
    }
}
