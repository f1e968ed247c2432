using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Logos.P2P.Node.Control;

/// <summary>
/// ASP.NET Core's web server and nothing else of it: no host, no configuration files, no signal handlers. Those are the
/// program's business.
/// </summary>
internal sealed class HttpServer : IAsyncDisposable
{
    /// <summary>
    /// Connections at once to an address, as many as Bitcoin Core has threads for requests. They are within what the node keeps
    /// free for the program (<see cref="NodeDefaults.ReservedDescriptors"/>).
    /// </summary>
    private const int MaxConnections = 16;

    /// <summary>How long a connection may say nothing: others wait for its place.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(5);

    /// <summary>How long the answers that are being written may take when the program stops.</summary>
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(5);

    private readonly KestrelServer _server;

    private HttpServer(KestrelServer server, IReadOnlyList<Uri> addresses)
    {
        _server = server;
        Addresses = addresses;
    }

    /// <summary>Where it listens, with the ports that the system chose where it was asked to.</summary>
    public IReadOnlyList<Uri> Addresses { get; }

    /// <summary>Starts to listen.</summary>
    /// <param name="endpoints">Where.</param>
    /// <param name="maxBody">The longest body of a request, in bytes.</param>
    /// <param name="handle">Answers a request.</param>
    /// <param name="loggers">Where warnings go.</param>
    /// <exception cref="IOException">It cannot listen there.</exception>
    public static async Task<HttpServer> StartAsync(
        IEnumerable<IPEndPoint> endpoints, long maxBody, RequestDelegate handle, ILoggerFactory loggers)
    {
        var options = new KestrelServerOptions { AddServerHeader = false };
        options.Limits.KeepAliveTimeout = Silence;
        options.Limits.RequestHeadersTimeout = Silence;
        options.Limits.MaxRequestBodySize = maxBody;
        IPEndPoint[] where = [.. endpoints];
        foreach (IPEndPoint endpoint in where)
            options.Listen(endpoint, listen => listen.Protocols = HttpProtocols.Http1);
        var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), loggers);
        var server = new KestrelServer(
            Options.Create(options), new BoundedListenerFactory(transport, MaxConnections), loggers);
        try
        {
            await server.StartAsync(new Application(handle), CancellationToken.None).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            // Kestrel puts only addresses that are in use into words.
            server.Dispose();
            throw new IOException($"Cannot listen on {string.Join(", ", where.AsEnumerable())}: {e.Message}. Choose another address or port.", e);
        }
        catch
        {
            server.Dispose();
            throw;
        }

        ICollection<string> addresses = server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses;
        return new HttpServer(server, [.. addresses.Select(address => new Uri(address))]);
    }

    /// <summary>Stops to listen and lets the answers that are being written be.</summary>
    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(StopTime);
        await _server.StopAsync(patience.Token).ConfigureAwait(false);
        _server.Dispose();
    }

    private sealed class Application(RequestDelegate handle) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public Task ProcessRequestAsync(HttpContext context) => handle(context);

        public void DisposeContext(HttpContext context, Exception? exception)
        {
        }
    }
}
