#!/usr/bin/env -S dotnet run
// Builds the container image of logosp2p as an archive, by the SDK's own support for containers: no engine is needed.
//
//   eng/container.cs OUTPUT.tar.gz [BASE-IMAGE]
//
// With a base image (mcr.microsoft.com/dotnet/aspnet:10.0) the SDK fetches it from its registry. Without one, a base is made of
// this machine: the .NET runtime that is installed and the system libraries that it links. The SDK takes a base from registries
// only, so this program is one for as long as that takes.
#:property PublishAot=false
#:property RestorePackagesWithLockFile=false
#:property RestoreLockedMode=false
#:property NoWarn=CA1416

using System.Diagnostics;
using System.Formats.Tar;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

if (args.Length is < 1 or > 2)
{
    Console.Error.WriteLine("usage: eng/container.cs OUTPUT.tar.gz [BASE-IMAGE]");
    return 2;
}

string output = Path.GetFullPath(args[0]);
if (args.Length == 2)
    return Publish(output, args[1]);

using var registry = new Registry(BaseImage.Make());
return Publish(output, registry.Image);

static int Publish(string output, string baseImage)
{
    string root = Path.GetDirectoryName(Path.GetDirectoryName(PathOf()))!;
    string architecture = RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant();
    string lmdb = BaseImage.LibraryDirectories.Select(directory => Path.Combine(directory, "liblmdb.so.0")).First(File.Exists);
    string[] arguments =
    [
        "publish", Path.Combine(root, "Logos.P2P.Node"), "-c", "Release", "--nologo", "-t:PublishContainer", "--no-self-contained",
        "-r", $"linux-{architecture}", $"-p:ContainerBaseImage={baseImage}", $"-p:ContainerArchiveOutputPath={output}",
        $"-p:LmdbLibrary={lmdb}",
    ];
    var start = new ProcessStartInfo("dotnet", arguments);
    if (baseImage.StartsWith("127.0.0.1:", StringComparison.Ordinal))
        start.Environment["DOTNET_CONTAINER_INSECURE_REGISTRIES"] = baseImage.Split('/')[0];
    using Process publish = Process.Start(start)!;
    publish.WaitForExit();
    return publish.ExitCode;
}

static string PathOf([System.Runtime.CompilerServices.CallerFilePath] string path = "") => path;

/// <summary>An image with what a .NET program needs of a system, and nothing else: no shell, no package manager.</summary>
internal sealed record BaseImage(byte[] Manifest, IReadOnlyDictionary<string, byte[]> Blobs)
{
    private const int User = 1654;

    /// <summary>Loaded by name when the program runs, so nothing links them.</summary>
    private static readonly string[] LoadedByName = ["libssl.so.3", "libcrypto.so.3"];

    /// <summary>Where the system's libraries are.</summary>
    public static IEnumerable<string> LibraryDirectories =>
        from directory in (string[])["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"]
        where Directory.Exists(directory)
        select directory;

    public static BaseImage Make()
    {
        byte[] layer = MakeLayer();
        string digest = Digest(layer);
        byte[] config = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["architecture"] = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64",
            ["os"] = "linux",
            ["config"] = new JsonObject
            {
                ["Env"] = new JsonArray("PATH=/usr/share/dotnet:/usr/bin:/bin", "DOTNET_ROOT=/usr/share/dotnet"),
                ["User"] = $"{User}",
            },
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray(digest) },
        }.ToJsonString());
        byte[] manifest = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = Registry.ManifestType,
            ["config"] = Describe(config, "application/vnd.oci.image.config.v1+json"),
            ["layers"] = new JsonArray(Describe(layer, "application/vnd.oci.image.layer.v1.tar")),
        }.ToJsonString());
        return new BaseImage(manifest, new Dictionary<string, byte[]> { [digest] = layer, [Digest(config)] = config });
    }

    public static string Digest(byte[] blob) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(blob))}";

    private static JsonObject Describe(byte[] blob, string type) =>
        new() { ["mediaType"] = type, ["digest"] = Digest(blob), ["size"] = blob.Length };

    private static byte[] MakeLayer()
    {
        // .../shared/Microsoft.NETCore.App/10.0.x/
        string runtime = RuntimeEnvironment.GetRuntimeDirectory(), version = Path.GetFileName(runtime.TrimEnd('/'));
        string dotnet = Path.GetFullPath(Path.Combine(runtime, "../../.."));
        string[] parts =
        [
            .. Files(Path.Combine(dotnet, "host/fxr", version)),
            .. Files(runtime),
            .. Files(Path.Combine(dotnet, "shared/Microsoft.AspNetCore.App", version)),
            Path.Combine(dotnet, "dotnet"), Path.Combine(dotnet, "LICENSE.txt"), Path.Combine(dotnet, "ThirdPartyNotices.txt"),
        ];
        string[] byName =
        [
            .. from name in LoadedByName
               select LibraryDirectories.Select(directory => Path.Combine(directory, name)).First(File.Exists),
        ];
        string[] libraries = [.. parts.Where(part => part.EndsWith(".so", StringComparison.Ordinal)), .. byName];

        using var stream = new MemoryStream();
        using (var tar = new TarWriter(stream, leaveOpen: true))
        {
            foreach (string part in parts)
                AddFile(tar, part, $"usr/share/dotnet/{Path.GetRelativePath(dotnet, part)}");
            foreach (string library in byName.Concat(LinkedBy([Path.Combine(dotnet, "dotnet"), .. libraries])).Distinct())
                AddFile(tar, library, library.TrimStart('/'));
            AddText(tar, "etc/passwd", $"root:x:0:0:root:/:/nologin\napp:x:{User}:{User}::/data:/nologin\n");
            AddText(tar, "etc/group", $"root:x:0:\napp:x:{User}:\n");
            AddText(tar, "etc/nsswitch.conf", "hosts: files dns\n");
            AddDirectory(tar, "tmp", 0, (UnixFileMode)0b1_111_111_111);
            AddDirectory(tar, "data", User, (UnixFileMode)0b111_000_000);
        }

        return stream.ToArray();
    }

    private static string[] Files(string directory) => Directory.GetFiles(directory, "*", SearchOption.AllDirectories);

    /// <summary>What the loader would load, the loader itself included.</summary>
    private static IEnumerable<string> LinkedBy(IEnumerable<string> binaries)
    {
        var start = new ProcessStartInfo("ldd", binaries) { RedirectStandardOutput = true };
        using Process ldd = Process.Start(start)!;
        string told = ldd.StandardOutput.ReadToEnd();
        ldd.WaitForExit();
        return Regex.Matches(told, @"(?:=> |^\s+)(/\S+) \(", RegexOptions.Multiline)
            .Select(match => match.Groups[1].Value)
            .Where(file => !file.Contains("/dotnet/", StringComparison.Ordinal))
            .Distinct();
    }

    private static void AddFile(TarWriter tar, string file, string name)
    {
        string real = File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName ?? file;
        using FileStream data = File.OpenRead(real);
        Add(tar, new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = data, Mode = File.GetUnixFileMode(real) });
    }

    private static void AddText(TarWriter tar, string name, string text) => Add(tar, new PaxTarEntry(TarEntryType.RegularFile, name)
    {
        DataStream = new MemoryStream(Encoding.ASCII.GetBytes(text)),
        Mode = (UnixFileMode)0b110_100_100,
    });

    private static void AddDirectory(TarWriter tar, string name, int owner, UnixFileMode mode) =>
        Add(tar, new PaxTarEntry(TarEntryType.Directory, $"{name}/") { Uid = owner, Gid = owner, Mode = mode });

    private static void Add(TarWriter tar, PaxTarEntry entry)
    {
        // The same files give the same image.
        entry.ModificationTime = DateTimeOffset.UnixEpoch;
        tar.WriteEntry(entry);
    }
}

/// <summary>A registry with one image, for programs on this machine: the reading half of the OCI distribution protocol.</summary>
internal sealed class Registry : IDisposable
{
    public const string ManifestType = "application/vnd.oci.image.manifest.v1+json";

    private readonly BaseImage _image;
    private readonly HttpListener _listener = new();
    private readonly string _host;

    public Registry(BaseImage image)
    {
        _image = image;
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            _host = probe.LocalEndpoint.ToString()!;
        }

        _listener.Prefixes.Add($"http://{_host}/");
        _listener.Start();
        _ = ServeAsync();
    }

    /// <summary>The image's full name.</summary>
    public string Image => $"{_host}/base:local";

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            Answer(context);
        }
    }

    private void Answer(HttpListenerContext context)
    {
        string path = context.Request.Url!.AbsolutePath;
        byte[]? body = path.Contains("/manifests/", StringComparison.Ordinal)
            ? _image.Manifest
            : _image.Blobs.GetValueOrDefault(path[(path.LastIndexOf('/') + 1)..]);
        HttpListenerResponse response = context.Response;
        if (body is null)
        {
            response.StatusCode = path == "/v2/" ? 200 : 404;
        }
        else
        {
            response.ContentType = body == _image.Manifest ? ManifestType : "application/octet-stream";
            response.Headers["Docker-Content-Digest"] = BaseImage.Digest(body);
            response.ContentLength64 = body.Length;
            if (context.Request.HttpMethod != "HEAD")
                response.OutputStream.Write(body);
        }

        response.Close();
    }
}
