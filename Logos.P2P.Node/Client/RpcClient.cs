using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Logos.P2P.Node.Configuration;
using Logos.P2P.Node.Control;

namespace Logos.P2P.Node.Client;

/// <summary>Asks a running node: finds it and what it wants to be shown as bitcoin-cli does.</summary>
internal sealed class RpcClient : IDisposable
{
    private readonly HttpClient _http;

    private RpcClient(Uri address, string userAndPassword)
    {
        // Not by a proxy, whatever the environment says of one: it would learn the password.
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address };
        _http.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(userAndPassword)));
    }

    /// <summary>Finds a node.</summary>
    /// <param name="options">What was said of where it is.</param>
    /// <exception cref="ClientException">There is no cookie, and no password was given.</exception>
    public static RpcClient Connect(OptionSources options)
    {
        OptionValues values = options.Values;
        long port = values.Number(OptionTable.RpcPort) ?? ControlOptions.DefaultPort(options.Network);
        string host = values.Text(OptionTable.RpcConnect) ?? "127.0.0.1";
        if (!Uri.TryCreate($"http://{(host.Contains(':', StringComparison.Ordinal) ? $"[{host.Trim('[', ']')}]" : host)}:{port}/", UriKind.Absolute, out Uri? address))
            throw new OptionException($"-rpcconnect: '{host}' is not a host.");
        string? password = values.Text(OptionTable.RpcPassword);
        return new RpcClient(address, password is null
            ? ReadCookie(NodeOptions.Read(values, options.Network).NetworkDirectory!)
            : $"{values.Text(OptionTable.RpcUser)}:{password}");
    }

    /// <summary>Calls a method.</summary>
    /// <exception cref="ClientException">The node does not answer, or says no.</exception>
    public async Task<JsonNode?> CallAsync(string method, params JsonNode?[] arguments) =>
        ResultOf(await SendAsync(Request(method, arguments)).ConfigureAwait(false));

    /// <summary>Calls several methods without arguments at once.</summary>
    /// <returns>Their results by name.</returns>
    /// <exception cref="ClientException">The node does not answer, or says no.</exception>
    public async Task<JsonObject> CallAllAsync(params string[] methods)
    {
        JsonArray batch = [.. methods.Select(method => Request(method, []))];
        JsonArray answers = (await SendAsync(batch).ConfigureAwait(false)).AsArray();
        return new JsonObject(methods.Select((method, i) => KeyValuePair.Create(method, ResultOf(answers[i]!)?.DeepClone())));
    }

    public void Dispose() => _http.Dispose();

    private static string ReadCookie(string directory)
    {
        try
        {
            return File.ReadAllText(Path.Combine(directory, Credentials.CookieName)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ClientException(
                $"No node takes requests that keeps its data in '{directory}': {e.Message} Name another directory (-datadir), network "
                + "(-testnet, -regtest) or password (-rpcuser, -rpcpassword).");
        }
    }

    private static JsonObject Request(string method, JsonNode?[] arguments) => new()
    {
        ["method"] = method,
        ["params"] = new JsonArray(arguments),
        ["id"] = "logosp2p",
    };

    private static JsonNode? ResultOf(JsonNode answer) => answer["error"] is { } error
        ? throw new ClientException($"error code: {error["code"]}\nerror message:\n{error["message"]}")
        : answer["result"];

    private async Task<JsonNode> SendAsync(JsonNode body)
    {
        try
        {
            using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
            using HttpResponseMessage response = await _http.PostAsync((Uri?)null, content).ConfigureAwait(false);
            // Bitcoin Core's errors of methods have statuses of errors, and a body that says more.
            return response.Content.Headers.ContentType?.MediaType == "application/json"
                ? JsonNode.Parse(await response.Content.ReadAsStringAsync().ConfigureAwait(false))!
                : throw Refused(response.StatusCode);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or TaskCanceledException)
        {
            throw new ClientException($"No node answers at {_http.BaseAddress}: {e.Message}");
        }
    }

    private ClientException Refused(HttpStatusCode status) => new(status == HttpStatusCode.Unauthorized
        ? $"The node at {_http.BaseAddress} wants another cookie or password. Is it the one of this -datadir and network?"
        : $"The node at {_http.BaseAddress} answers {(int)status} ({status}).");
}
