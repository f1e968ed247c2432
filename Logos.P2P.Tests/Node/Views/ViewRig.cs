using Logos.P2P.Node.Control;
using Logos.P2P.Node.Views;
using Logos.P2P.Tests.Node.Control;
using Microsoft.Extensions.Logging.Abstractions;

namespace Logos.P2P.Tests.Node.Views;

/// <summary>A node of the test's own process with a live view, whose operator has a password.</summary>
internal sealed class ViewRig : IAsyncDisposable
{
    private readonly ViewServer _server;
    private readonly Credentials _credentials;

    private ViewRig(TestNode node, ViewServer server, Credentials credentials) =>
        (Node, _server, _credentials) = (node, server, credentials);

    public static string Secret => $"{ControlRig.User}:{ControlRig.Password}";

    public TestNode Node { get; }

    public required LogRecorder Log { get; init; }

    public Uri Address => _server.Address;

    /// <summary>Starts it.</summary>
    /// <param name="node">The node, which it owns from now on.</param>
    public static async Task<ViewRig> StartAsync(TestNode node)
    {
        var credentials = Credentials.Of(ControlRig.User, ControlRig.Password);
        RpcContext context = ControlRig.ContextOf(node);
        var log = new LogRecorder();
        var actions = new ViewActions(credentials, new RpcDispatcher(context, log), log);
        ViewServer server = await ViewServer.StartAsync(
            "node.html", new NodeFeed(context, canAct: true), actions, 0, NullLoggerFactory.Instance);
        return new ViewRig(node, server, credentials) { Log = log };
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _credentials.Dispose();
        await Node.DisposeAsync();
    }
}
