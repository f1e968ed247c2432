using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Logos.P2P.Testnet.Proxy;

/// <summary>How commands reach the proxy: a Unix socket in the testnet's directory, a line of JSON each way.</summary>
internal static class ProxyControl
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>Has the proxy do something.</summary>
    /// <exception cref="SocketException">Nobody listens.</exception>
    /// <exception cref="IOException">The proxy went away.</exception>
    public static async Task<IReadOnlyList<LinkStatus>> AskAsync(string socketFile, ProxyRequest request)
    {
        using Socket socket = NewSocket();
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketFile)).ConfigureAwait(false);
        using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream);
        await stream.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(request, Json)).ConfigureAwait(false);
        await stream.WriteAsync("\n"u8.ToArray()).ConfigureAwait(false);
        string answer = await reader.ReadLineAsync().ConfigureAwait(false) ?? throw new IOException("The proxy went away.");
        return JsonSerializer.Deserialize<LinkStatus[]>(answer, Json)!;
    }

    /// <summary>Does what commands ask for until cancelled.</summary>
    public static async Task ServeAsync(string socketFile, LinkProxy proxy, CancellationToken cancellationToken)
    {
        // Left over by a proxy that was killed.
        File.Delete(socketFile);
        using Socket listener = NewSocket();
        listener.Bind(new UnixDomainSocketEndPoint(socketFile));
        listener.Listen();
        try
        {
            while (true)
            {
                Socket socket = await listener.AcceptAsync(cancellationToken).ConfigureAwait(false);
                _ = AnswerAsync(socket, proxy);
            }
        }
        catch (OperationCanceledException)
        {
            File.Delete(socketFile);
        }
    }

    private static async Task AnswerAsync(Socket socket, LinkProxy proxy)
    {
        try
        {
            using var stream = new NetworkStream(socket, ownsSocket: true);
            using var reader = new StreamReader(stream);
            if (await reader.ReadLineAsync().ConfigureAwait(false) is not { } line)
                return;
            IReadOnlyList<LinkStatus> links = proxy.Do(JsonSerializer.Deserialize<ProxyRequest>(line, Json)!);
            await stream.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(links, Json)).ConfigureAwait(false);
            await stream.WriteAsync("\n"u8.ToArray()).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            Console.Error.WriteLine(e.Message);
        }
    }

    private static Socket NewSocket() => new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
}
