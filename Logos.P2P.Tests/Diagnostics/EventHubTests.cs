using System.Diagnostics;
using Logos.P2P.Diagnostics;
using NUnit.Framework;

namespace Logos.P2P.Tests.Diagnostics;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class EventHubTests
{
    private readonly EventHub _hub = new();

    [Test]
    public async Task Every_watcher_gets_every_event_in_order()
    {
        IAsyncEnumerable<NodeEvent>[] watchers = [_hub.Watch(default), _hub.Watch(default)];
        Publish(10);
        _hub.Complete();

        foreach (IAsyncEnumerable<NodeEvent> watcher in watchers)
            Assert.That(await NumbersAsync(watcher), Is.EqualTo(Enumerable.Range(0, 10)));
    }

    [Test]
    public void Without_a_watcher_events_are_not_worth_making()
    {
        Assert.That(_hub.HasWatchers, Is.False);
        _hub.Watch(default);
        Assert.That(_hub.HasWatchers, Is.True);
        _hub.Complete();
        Assert.That(_hub.HasWatchers, Is.False);
    }

    [Test]
    public async Task A_sleeping_watcher_loses_the_oldest_and_holds_up_nobody()
    {
        IAsyncEnumerable<NodeEvent> sleeper = _hub.Watch(default);
        Publish(3 * NodeDefaults.EventBacklog);
        _hub.Complete();

        Assert.That(
            await NumbersAsync(sleeper),
            Is.EqualTo(Enumerable.Range(2 * NodeDefaults.EventBacklog, NodeDefaults.EventBacklog)));
    }

    [Test]
    public async Task A_watcher_who_keeps_up_is_woken_once_a_millisecond_and_not_for_each_event()
    {
        const int count = 20_000;
        IAsyncEnumerable<NodeEvent> events = _hub.Watch(default);
        Task<(int Events, int Waits)> watcher = Task.Run(async () =>
        {
            (int Events, int Waits) seen = default;
            await using IAsyncEnumerator<NodeEvent> all = events.GetAsyncEnumerator();
            while (true)
            {
                ValueTask<bool> next = all.MoveNextAsync();
                seen.Waits += next.IsCompleted ? 0 : 1;
                if (!await next)
                    return seen;
                seen.Events++;
            }
        });

        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            Publish(1);
            Thread.SpinWait(50);
        }

        double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        _hub.Complete();
        (int taken, int waits) = await watcher.WaitAsync(TestNode.Patience);

        Assert.That(waits, Is.LessThan(10 + (2 * milliseconds)), $"{taken} of {count} events in {milliseconds:F1} ms.");
    }

    [Test]
    public async Task Whoever_gives_up_watching_is_forgotten()
    {
        await using (IAsyncEnumerator<NodeEvent> watcher = _hub.Watch(default).GetAsyncEnumerator())
        {
            Publish(1);
            Assert.That(await watcher.MoveNextAsync(), Is.True);
        }

        Assert.That(_hub.HasWatchers, Is.False);
    }

    [Test]
    public void Watching_can_be_cancelled()
    {
        using var cancelled = new CancellationTokenSource();
        IAsyncEnumerable<NodeEvent> watcher = _hub.Watch(cancelled.Token);
        Task<List<long>> numbers = NumbersAsync(watcher);

        cancelled.Cancel();

        Assert.That(
            async () => await numbers.WaitAsync(TestNode.Patience), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(_hub.HasWatchers, Is.False);
    }

    [Test]
    public async Task Whoever_begins_to_watch_after_the_end_is_told_so_at_once()
    {
        _hub.Complete();

        Assert.That(await NumbersAsync(_hub.Watch(default)).WaitAsync(TestNode.Patience), Is.Empty);
        Assert.That(_hub.HasWatchers, Is.False);
    }

    private void Publish(int count)
    {
        for (int i = 0; i < count; i++)
            _hub.Publish(new PeerDisconnected(i, DisconnectReason.Requested));
    }

    private static async Task<List<long>> NumbersAsync(IAsyncEnumerable<NodeEvent> watcher)
    {
        var numbers = new List<long>();
        await foreach (NodeEvent nodeEvent in watcher)
            numbers.Add(nodeEvent.PeerId);
        return numbers;
    }
}
