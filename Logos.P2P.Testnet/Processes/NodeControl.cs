using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Logos.P2P.Testnet.Processes;

/// <summary>A peer, as a node tells of it.</summary>
/// <param name="Address">The other end.</param>
/// <param name="LocalAddress">The node's end.</param>
/// <param name="Kind">How the connection came about, in Bitcoin Core's words.</param>
/// <param name="IsReady">Whether messages flow.</param>
internal sealed record NodePeer(string Address, string LocalAddress, string Kind, bool IsReady)
{
    /// <summary>Whether the node dialled it to stay.</summary>
    public bool IsOutbound => IsReady && Kind is "manual" or "outbound-full-relay" or "block-relay-only";
}

/// <summary>When a message was first at a node.</summary>
/// <param name="TimeMicros">When, in microseconds since 1970.</param>
/// <param name="From">The other end of the connection that brought it; null at its origin.</param>
internal sealed record NodeMessage(long TimeMicros, string? From);

/// <summary>Asks a running node, over its control interface.</summary>
/// <param name="port">Where it takes requests.</param>
/// <param name="cookieFile">What it believes us by.</param>
internal sealed class NodeControl(int port, string cookieFile)
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseProxy = false })
    {
        Timeout = TimeSpan.FromSeconds(30),
    };

    private readonly Uri _address = new($"http://127.0.0.1:{port}/");

    /// <summary>Sends a message to every node.</summary>
    /// <returns>Its name.</returns>
    /// <exception cref="NodeSilentException">The node does not answer, or has no peer to send to.</exception>
    public async Task<string> PropagateAsync(byte[] message)
    {
        JsonElement result = await CallAsync("propagate", Convert.ToHexStringLower(message)).ConfigureAwait(false);
        if (!result.GetProperty("sent").GetBoolean())
            throw new NodeSilentException("no peer is connected");
        return result.GetProperty("id").GetString()!;
    }

    /// <summary>Its peers.</summary>
    /// <exception cref="NodeSilentException">The node does not answer.</exception>
    public async Task<IReadOnlyList<NodePeer>> GetPeersAsync()
    {
        JsonElement result = await CallAsync("getpeerinfo").ConfigureAwait(false);
        return [.. result.EnumerateArray().Select(peer => new NodePeer(
            peer.GetProperty("addr").GetString()!,
            peer.GetProperty("addrbind").GetString()!,
            peer.GetProperty("connection_type").GetString()!,
            peer.GetProperty("ready").GetBoolean()))];
    }

    /// <summary>When it first had each of some messages; null for those that it does not know.</summary>
    /// <exception cref="NodeSilentException">The node does not answer.</exception>
    public async Task<IReadOnlyList<NodeMessage?>> GetMessagesAsync(IReadOnlyList<string> ids)
    {
        JsonElement answers = await PostAsync(
            ids.Select((id, i) => new Request(i, "getmessageinfo", [id])).ToArray()).ConfigureAwait(false);
        return [.. answers.EnumerateArray().OrderBy(answer => answer.GetProperty("id").GetInt32()).Select(answer =>
            answer.TryGetProperty("result", out JsonElement message) && message.ValueKind == JsonValueKind.Object
                ? new NodeMessage(
                    message.GetProperty("timemicros").GetInt64(),
                    message.TryGetProperty("addr", out JsonElement from) ? from.GetString() : null)
                : null)];
    }

    private async Task<JsonElement> CallAsync(string method, params string[] parameters)
    {
        JsonElement answer = await PostAsync(new Request(0, method, parameters)).ConfigureAwait(false);
        return answer.TryGetProperty("error", out JsonElement error)
            ? throw new NodeSilentException(error.GetProperty("message").GetString()!)
            : answer.GetProperty("result");
    }

    private async Task<JsonElement> PostAsync<T>(T body)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, _address)
            {
                Content = JsonContent.Create(body),
            };
            // Read each time: a node that was started again has another one.
            byte[] cookie = await File.ReadAllBytesAsync(cookieFile).ConfigureAwait(false);
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(cookie));
            using HttpResponseMessage response = await Http.SendAsync(request).ConfigureAwait(false);
            response.EnsureSuccessStatusCode();
            return await response.Content.ReadFromJsonAsync<JsonElement>().ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or UnauthorizedAccessException or TaskCanceledException)
        {
            throw new NodeSilentException(e.Message);
        }
    }

    /// <summary>A request. Of 2.0, which tells errors in the body alone.</summary>
    private sealed record Request(int Id, string Method, IReadOnlyList<string> Params, string Jsonrpc = "2.0");
}
