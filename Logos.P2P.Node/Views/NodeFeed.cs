using Logos.P2P.AddrMan;
using Logos.P2P.Diagnostics;
using Logos.P2P.Node.Control;
using Logos.P2P.Wire;

namespace Logos.P2P.Node.Views;

/// <summary>
/// Tells a page about the node. It asks the node for what that knows anyway, once a second, and takes samples of messages: what a page
/// costs does not grow with the traffic.
/// </summary>
/// <param name="context">The node.</param>
/// <param name="canAct">Whether the page has buttons.</param>
internal sealed class NodeFeed(RpcContext context, bool canAct) : IEventSource
{
    /// <summary>How often messages are told.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);

    private const int StepsPerState = 4, StepsPerTables = 20;

    /// <summary>Messages told at a time: more than can be read, fewer than would be work.</summary>
    private const int MaxMessages = 24;

    private DelayWindow _relay = new();
    private DelayWindow _handler = new();

    /// <inheritdoc/>
    public async Task RunAsync(TellNews tell, CancellationToken cancellationToken)
    {
        P2PNode node = context.Node;
        // What was seen when a page was last open is no news.
        _relay = new DelayWindow();
        _handler = new DelayWindow();
        using MessageSamples samples = node.SampleMessages();
        using var timer = new PeriodicTimer(Step, context.TimeProvider);
        tell("node", Describe());
        for (int step = 0; ; step++)
        {
            if (step % StepsPerState == 0)
            {
                tell("state", GetState());
                _relay.Advance();
                _handler.Advance();
            }

            if (step % StepsPerTables == 0)
            {
                if (node.GetBucketFill() is { } fill)
                    tell("tables", Describe(fill));
                tell("bans", node.GetBans().Select(ban => new { hosts = ban.Hosts.ToString(), until = ban.Until.ToUnixTimeMilliseconds() }));
            }

            await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
            TellMessages(samples.Take(), tell);
        }
    }

    private object Describe() => new
    {
        agent = P2PNode.UserAgent,
        network = context.Options.Network.ToString().ToLowerInvariant(),
        listening = context.Node.ListeningEndpoints.Select(endpoint => endpoint.ToString()),
        started = context.StartedAt.ToUnixTimeMilliseconds(),
        canAct,
        bounds = DelayWindow.Bounds,
    };

    private object GetState()
    {
        P2PNode node = context.Node;
        P2PMetrics metrics = node.Metrics;
        (long received, long sent) = node.GetSocketBytes();
        return new
        {
            time = context.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds(),
            received,
            sent,
            messages = metrics.MessagesReceived,
            propagated = metrics.MessagesPropagated,
            duplicates = metrics.Dropped(DropReason.Duplicate),
            addresses = node.AddressCount,
            memory = node.GetMemory()?.Total ?? 0,
            relay = _relay.Sum(),
            handler = _handler.Sum(),
            peers = node.GetPeers().Select(Describe),
        };
    }

    private static object Describe(PeerInfo peer) => new
    {
        id = peer.Id,
        address = peer.Endpoint.ToString(),
        kind = peer.Kind.ToString().ToLowerInvariant(),
        ready = peer.IsReady,
        agent = peer.UserAgent,
        ping = peer.PingTime?.TotalMilliseconds,
        least = peer.MinPingTime?.TotalMilliseconds,
        received = peer.BytesReceived,
        sent = peer.BytesSent,
        first = peer.FirstDeliveries,
        queued = peer.BytesQueued,
        throttled = peer.IsThrottled,
        connected = (long)peer.ConnectedFor.TotalSeconds,
    };

    private static object Describe(BucketFill fill) => new
    {
        @new = Convert.ToBase64String([.. fill.New]),
        tried = Convert.ToBase64String([.. fill.Tried]),
    };

    private void TellMessages(MessageSample[] samples, TellNews tell)
    {
        foreach (MessageSample sample in samples)
        {
            if (sample.Relayed is { } relayed)
                _relay.Add(relayed);
            if (sample.PeerId != 0)
                _handler.Add(sample.Judged);
        }

        if (samples.Length > 0)
            tell("messages", new { all = samples.Length, shown = samples.TakeLast(MaxMessages).Select(Describe) });
    }

    private static object Describe(MessageSample sample) => new
    {
        id = sample.Id.ToString(),
        peer = sample.PeerId,
        bytes = sample.Bytes - WireLimits.HeaderSize,
        at = sample.ReceivedAt.ToUnixTimeMilliseconds(),
        relayed = sample.Relayed?.TotalMilliseconds,
        judged = sample.Judged.TotalMilliseconds,
        verdict = sample.PeerId == 0 ? "own" : sample.Verdict?.ToString().ToLowerInvariant() ?? "failed",
    };
}
