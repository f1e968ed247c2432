using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Node.Views;

/// <summary>Takes news for pages.</summary>
/// <param name="name">The name of the event.</param>
/// <param name="data">What is told; it becomes JSON.</param>
/// <param name="slot">A page that comes later is told the last news of each slot. By default that is the name.</param>
internal delegate void TellNews(string name, object data, string? slot = null);

/// <summary>Where news for pages come from. Runs only while a page is open.</summary>
internal interface IEventSource
{
    /// <summary>Tells news until it is cancelled.</summary>
    /// <param name="tell">Takes them.</param>
    /// <param name="cancellationToken">No page is open any more.</param>
    Task RunAsync(TellNews tell, CancellationToken cancellationToken);
}

/// <summary>
/// Pushes events to pages (server-sent events). Each event is made once for all pages; a page that does not keep up misses some,
/// and delays nobody.
/// </summary>
internal sealed class EventStream(IEventSource source, ILogger logger) : IAsyncDisposable
{
    /// <summary>Pages at once: half of the server's connections, so that there is always one for a new page to load.</summary>
    public const int MaxPages = 8;

    /// <summary>Events that wait for a page: some seconds of them.</summary>
    private const int Backlog = 32;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, byte[]> _last = [];
    private ImmutableArray<Channel<byte[]>> _pages = [];
    private CancellationTokenSource? _running;
    private Task _run = Task.CompletedTask;
    private bool _isOver;

    /// <summary>Tells one page, until it is closed or the program ends.</summary>
    public async Task ServeAsync(HttpContext context)
    {
        if (Open() is not { } page)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        try
        {
            context.Response.ContentType = "text/event-stream";
            await foreach (byte[] news in page.Reader.ReadAllAsync(context.RequestAborted).ConfigureAwait(false))
            {
                await context.Response.Body.WriteAsync(news, context.RequestAborted).ConfigureAwait(false);
                if (page.Reader.Count == 0)
                    await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The page was closed.
        }
        finally
        {
            Close(page);
        }
    }

    /// <summary>Ends all.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isOver = true;
            EndPages();
            _running?.Cancel();
        }

        await _run.ConfigureAwait(false);
    }

    private Channel<byte[]>? Open()
    {
        lock (_gate)
        {
            if (_isOver || _pages.Length >= MaxPages)
                return null;
            Channel<byte[]> page = Channel.CreateBounded<byte[]>(
                new BoundedChannelOptions(Backlog) { FullMode = BoundedChannelFullMode.DropOldest });
            foreach (byte[] news in _last.Values)
                page.Writer.TryWrite(news);
            _pages = _pages.Add(page);
            if (_running is null)
            {
                _running = new CancellationTokenSource();
                Task before = _run;
                CancellationToken token = _running.Token;
                _run = Task.Run(() => RunAsync(before, token), CancellationToken.None);
            }

            return page;
        }
    }

    private void Close(Channel<byte[]> page)
    {
        lock (_gate)
        {
            _pages = _pages.Remove(page);
            if (!_pages.IsEmpty || _running is null)
                return;
            _running.Cancel();
            Forget();
        }
    }

    /// <summary>The next page is the first of another run. Under the lock.</summary>
    private void Forget()
    {
        _pages = [];
        _running?.Dispose();
        _running = null;
        _last.Clear();
    }

    private async Task RunAsync(Task before, CancellationToken cancellationToken)
    {
        await before.ConfigureAwait(false);
        try
        {
            await source.RunAsync((name, data, slot) => Tell(name, data, slot ?? name, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Nobody looks any more.
        }
#pragma warning disable CA1031 // A fault in what is shown must not take the node down, nor go unseen.
        catch (Exception e)
#pragma warning restore CA1031
        {
            // The pages come again, and all starts anew: also for one that comes while others are still being ended.
            lock (_gate)
            {
                if (!cancellationToken.IsCancellationRequested)
                {
                    EndPages();
                    Forget();
                }
            }

            ViewsLog.NewsFailed(logger, e);
        }
    }

    /// <summary>Under the lock.</summary>
    private void EndPages()
    {
        foreach (Channel<byte[]> page in _pages)
            page.Writer.TryComplete();
    }

    private void Tell(string name, object data, string slot, CancellationToken cancellationToken)
    {
        byte[] news = Encoding.UTF8.GetBytes($"event: {name}\ndata: {JsonSerializer.Serialize(data, JsonSerializerOptions.Web)}\n\n");
        lock (_gate)
        {
            if (cancellationToken.IsCancellationRequested)
                return;
            _last[slot] = news;
            foreach (Channel<byte[]> page in _pages)
                page.Writer.TryWrite(news);
        }
    }
}
