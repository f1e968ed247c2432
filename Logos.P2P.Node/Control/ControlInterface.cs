using Microsoft.Extensions.Logging;

namespace Logos.P2P.Node.Control;

/// <summary>What the program listens on besides its peers: requests of its operator, and questions about its health.</summary>
internal sealed class ControlInterface : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _servers = [];
    private Credentials? _credentials;

    /// <summary>What the operator is believed by; null when no requests are taken.</summary>
    public Credentials? Credentials => _credentials;

    private ControlInterface()
    {
    }

    /// <summary>
    /// Starts it. The node must run: it holds the data directory then, and a second program on it does not get as far as to
    /// overwrite the cookie of the first.
    /// </summary>
    /// <exception cref="IOException">It cannot listen where it was told to, or not write the cookie.</exception>
    public static async Task<ControlInterface> StartAsync(ControlSettings settings, RpcContext context, ILoggerFactory loggers)
    {
        var control = new ControlInterface();
        try
        {
            ILogger logger = loggers.CreateLogger("Logos.P2P.Control");
            var health = new HealthEndpoint(context.Node);
            if (!settings.HealthEndpoints.IsEmpty)
                await control.TellHealthAsync(settings, health, loggers, logger).ConfigureAwait(false);
            if (!settings.Endpoints.IsEmpty)
                await control.TakeRequestsAsync(settings, context, health, loggers, logger).ConfigureAwait(false);
            return control;
        }
        catch
        {
            await control.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Stops it, after the answers that are being written.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable server in _servers)
            await server.DisposeAsync().ConfigureAwait(false);
        _credentials?.Dispose();
    }

    private async Task TellHealthAsync(
        ControlSettings settings, HealthEndpoint health, ILoggerFactory loggers, ILogger logger)
    {
        HttpServer server = await HttpServer.StartAsync(settings.HealthEndpoints, 0, health.HandleAsync, loggers)
            .ConfigureAwait(false);
        _servers.Add(server);
        foreach (Uri address in server.Addresses)
            ControlLog.HealthStarted(logger, address);
    }

    private async Task TakeRequestsAsync(
        ControlSettings settings, RpcContext context, HealthEndpoint health, ILoggerFactory loggers, ILogger logger)
    {
        _credentials = settings.Password.Length > 0
            ? Credentials.Of(settings.User, settings.Password)
            : Credentials.MakeCookie(context.Options.NetworkDirectory!);
        var endpoint = new RpcEndpoint(settings, _credentials, new RpcDispatcher(context, logger), health, logger);
        try
        {
            HttpServer server = await HttpServer.StartAsync(
                settings.Endpoints, RpcEndpoint.MaxBody, endpoint.HandleAsync, loggers).ConfigureAwait(false);
            _servers.Add(server);
            foreach (Uri address in server.Addresses)
                ControlLog.Started(logger, address);
        }
        catch (IOException e) when (!settings.IsNamed)
        {
            _credentials.Dispose();
            _credentials = null;
            ControlLog.NotStarted(logger, e.Message.TrimEnd('.'));
        }
    }
}
