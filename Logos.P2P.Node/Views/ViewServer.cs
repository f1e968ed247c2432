using System.Net;
using Logos.P2P.Node.Control;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Node.Views;

/// <summary>
/// Serves a page and its news to browsers on this machine. Whoever can connect can look; to do something he must be the operator
/// (<see cref="ViewActions"/>).
/// </summary>
internal sealed class ViewServer : IAsyncDisposable
{
    private readonly string _page;
    private readonly EventStream _stream;
    private readonly ViewActions? _actions;
    private HttpServer? _server;

    private ViewServer(string page, IEventSource source, ViewActions? actions, ILogger logger)
    {
        _page = page;
        _stream = new EventStream(source, logger);
        _actions = actions;
    }

    /// <summary>Where it is.</summary>
    public Uri Address => _server!.Addresses[0];

    /// <summary>Starts it.</summary>
    /// <param name="page">The file that `/` is.</param>
    /// <param name="source">What it shows.</param>
    /// <param name="actions">What can be done on it; null for nothing.</param>
    /// <param name="port">The port on 127.0.0.1; 0 for a free one.</param>
    /// <param name="loggers">Where warnings go.</param>
    /// <exception cref="IOException">It cannot listen there.</exception>
    public static async Task<ViewServer> StartAsync(
        string page, IEventSource source, ViewActions? actions, int port, ILoggerFactory loggers)
    {
        var view = new ViewServer(page, source, actions, loggers.CreateLogger("Logos.P2P.Views"));
        view._server = await HttpServer.StartAsync(
            [new IPEndPoint(IPAddress.Loopback, port)], ViewActions.MaxBody, view.HandleAsync, loggers).ConfigureAwait(false);
        return view;
    }

    /// <summary>Ends it; open pages see that.</summary>
    public async ValueTask DisposeAsync()
    {
        // First, or the server would wait for pages that look on.
        await _stream.DisposeAsync().ConfigureAwait(false);
        if (_server is not null)
            await _server.DisposeAsync().ConfigureAwait(false);
    }

    private async Task HandleAsync(HttpContext context)
    {
        PageFiles.SetHeaders(context.Response.Headers);
        string path = context.Request.Path.Value ?? "";
        if (!IsOurName(context.Request.Host))
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
        else if (path == ViewActions.Path && _actions is not null)
            await _actions.HandleAsync(context).ConfigureAwait(false);
        else if (!HttpMethods.IsGet(context.Request.Method))
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        else if (path == "/events")
            await _stream.ServeAsync(context).ConfigureAwait(false);
        else
            await PageFiles.SendAsync(context.Response, path == "/" ? _page : path[1..]).ConfigureAwait(false);
    }

    /// <summary>
    /// Whether the browser knows us by a name of this machine. By any other, somebody else has pointed his name at us to let his page
    /// read ours.
    /// </summary>
    private static bool IsOurName(HostString host) => host.Host is "127.0.0.1" or "localhost";
}
