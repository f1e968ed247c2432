using Logos.P2P.Diagnostics;
using Logos.P2P.Node.Control;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Node.Views;

/// <summary>What shows how the node does: metrics for machines, a page for people.</summary>
internal sealed class NodeViews : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _views = [];

    private NodeViews()
    {
    }

    /// <summary>Starts what was asked for.</summary>
    /// <exception cref="IOException">It cannot listen where it was told to.</exception>
    /// <param name="settings">What was asked for.</param>
    /// <param name="context">The node.</param>
    /// <param name="credentials">What the operator is believed by; null when the program takes no requests.</param>
    /// <param name="loggers">Where log messages go.</param>
    public static async Task<NodeViews> StartAsync(
        ViewsSettings settings, RpcContext context, Credentials? credentials, ILoggerFactory loggers)
    {
        var views = new NodeViews();
        try
        {
            ILogger logger = loggers.CreateLogger("Logos.P2P.Views");
            foreach (MetricGroup group in Enum.GetValues<MetricGroup>())
                context.Node.Meters.Switch(group, settings.Groups.Contains(group));
            if (!settings.MetricsEndpoints.IsEmpty || settings.Collector is not null)
            {
                string network = context.Options.Network.ToString().ToLowerInvariant();
                views._views.Add(await MetricsExport.StartAsync(settings, network, loggers, logger).ConfigureAwait(false));
            }

            if (settings.ViewPort is { } port)
            {
                ViewActions? actions = credentials is null ? null : new ViewActions(credentials, new RpcDispatcher(context, logger), logger);
                ViewServer view = await ViewServer.StartAsync(
                    "node.html", new NodeFeed(context, canAct: actions is not null), actions, port, loggers).ConfigureAwait(false);
                views._views.Add(view);
                ViewsLog.ViewStarted(logger, view.Address);
            }

            return views;
        }
        catch
        {
            await views.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Ends all.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable view in _views)
            await view.DisposeAsync().ConfigureAwait(false);
    }
}
