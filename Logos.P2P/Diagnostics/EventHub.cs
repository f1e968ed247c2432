using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Logos.P2P.Diagnostics;

/// <summary>
/// Hands events to whoever watches, through a bounded queue each, so that a sleeping watcher costs nothing but its own
/// events. Without a watcher no event is even made.
/// </summary>
internal sealed class EventHub
{
    /// <summary>
    /// How long a watcher rests who was woken less than that ago. To wake him costs the node more than to relay a message, and one
    /// who keeps up would be woken for each event. What comes meanwhile has room: at half a million events a second, an eighth of
    /// <see cref="NodeDefaults.EventBacklog"/>.
    /// </summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(1);

    private ImmutableArray<Channel<NodeEvent>> _watchers = [];
    private volatile bool _isComplete;

    /// <summary>Whether making an event is worth it.</summary>
    public bool HasWatchers => !_watchers.IsEmpty;

    public void Publish(NodeEvent nodeEvent)
    {
        foreach (Channel<NodeEvent> watcher in _watchers)
            watcher.Writer.TryWrite(nodeEvent);
    }

    /// <summary>
    /// Starts to watch at once, not when the result is first enumerated, so that nothing in between is missed.
    /// </summary>
    public IAsyncEnumerable<NodeEvent> Watch(CancellationToken cancellationToken)
    {
        Channel<NodeEvent> channel = Channel.CreateBounded<NodeEvent>(
            new BoundedChannelOptions(NodeDefaults.EventBacklog) { FullMode = BoundedChannelFullMode.DropOldest });
        ImmutableInterlocked.Update(ref _watchers, (all, one) => all.Add(one), channel);
        // Whoever comes after the end must not wait for ever; the end may have come just before this line.
        if (_isComplete)
            Complete();
        return Enumerate(channel, cancellationToken);
    }

    /// <summary>Ends all watching: the node has stopped.</summary>
    public void Complete()
    {
        _isComplete = true;
        foreach (Channel<NodeEvent> watcher in ImmutableInterlocked.InterlockedExchange(ref _watchers, []))
            watcher.Writer.TryComplete();
    }

    private async IAsyncEnumerable<NodeEvent> Enumerate(
        Channel<NodeEvent> channel, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            long lastWait = 0;
            while (await channel.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                while (channel.Reader.TryRead(out NodeEvent? nodeEvent))
                    yield return nodeEvent;
                if (Stopwatch.GetElapsedTime(lastWait) < Rest)
                    await Task.Delay(Rest, cancellationToken).ConfigureAwait(false);
                lastWait = Stopwatch.GetTimestamp();
            }
        }
        finally
        {
            ImmutableInterlocked.Update(ref _watchers, (all, one) => all.Remove(one), channel);
        }
    }
}
