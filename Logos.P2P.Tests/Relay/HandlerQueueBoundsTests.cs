using Logos.P2P.Relay;
using Logos.P2P.Tests.Peers;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Relay;

/// <summary>How much waits for a handler that is not quick, and what becomes of it. The first message is always being handled.</summary>
internal sealed class HandlerQueueBoundsTests
{
    private Gate _gate = null!;
    private PeerRig _rig = null!;
    private ScriptedPeer _peer = null!;
    private int _buffer;

    [SetUp]
    public async Task SetUpAsync()
    {
        _gate = new Gate();
        _rig = new PeerRig(handler: _gate.Handler);
        _peer = await _rig.ConnectReadyAsync();
        Frame frame = Message(0);
        _buffer = frame.Capacity;
        frame.Release();
    }

    [TearDown]
    public async Task TearDownAsync()
    {
        _gate.Dispose();
        await _rig.DisposeAsync();
    }

    [Test]
    public async Task What_is_being_handled_waits_no_more()
    {
        HandlerQueue queue = await BusyQueueAsync(_buffer);
        Assert.That((queue.Count, queue.Bytes), Is.EqualTo((0, 0L)));

        Assert.That(Add(queue, 1), Is.True);
        Assert.That((queue.Count, queue.Bytes), Is.EqualTo((1, (long)_buffer)));

        _gate.Open();
        await queue.CompleteAsync().WaitAsync(TestNode.Patience);
        Assert.That((queue.Count, queue.Bytes), Is.EqualTo((0, 0L)));
        Assert.That(_gate.Handler.Messages.Select(message => message[1]), Is.EqualTo(new[] { 0, 1 }));
        await NoFrameIsUsedAsync();
    }

    [Test]
    public async Task It_is_full_above_its_bytes_and_all_who_wait_for_room_get_it()
    {
        HandlerQueue queue = await BusyQueueAsync(_buffer);
        Add(queue, 1);
        Assert.That(queue.IsFull, Is.False, "So much it may hold.");
        Assert.That(queue.WaitForRoomAsync().IsCompleted, Is.True);
        Add(queue, 2);
        Assert.That(queue.IsFull, Is.True);
        Task[] waiters = [queue.WaitForRoomAsync(), queue.WaitForRoomAsync()];
        Assert.That(waiters.Select(waiter => waiter.IsCompleted), Is.All.False);

        _gate.Open();

        await Task.WhenAll(waiters).WaitAsync(TestNode.Patience);
        Assert.That(queue.IsFull, Is.False);
    }

    [Test]
    public async Task It_is_full_above_1024_messages_however_small()
    {
        HandlerQueue queue = await BusyQueueAsync(long.MaxValue);
        for (int i = 1; i <= NodeDefaults.MaxHandlerBacklogMessages; i++)
            Add(queue, i);
        Assert.That(queue.IsFull, Is.False);

        Add(queue, 0);

        Assert.That(queue.IsFull, Is.True);
    }

    [Test]
    public async Task When_the_rest_is_to_be_handled_nothing_more_is_taken_and_nobody_waits_for_room()
    {
        HandlerQueue queue = await BusyQueueAsync(0);
        Add(queue, 1);
        Task room = queue.WaitForRoomAsync();

        Task[] done = [queue.CompleteAsync(), queue.CompleteAsync()];

        await room.WaitAsync(TestNode.Patience);
        Assert.That(queue.IsFull, Is.True);
        Assert.That(queue.WaitForRoomAsync().IsCompleted, Is.True);
        Assert.That(Add(queue, 2), Is.False);
        Assert.That(done.Select(task => task.IsCompleted), Is.All.False);
        _gate.Open();
        await Task.WhenAll(done).WaitAsync(TestNode.Patience);
        Assert.That(_gate.Handler.Messages.Select(message => message[1]), Is.EqualTo(new[] { 0, 1 }));
        await NoFrameIsUsedAsync();
    }

    [Test]
    public async Task What_is_dropped_is_counted_and_given_back_and_makes_room_for_nothing()
    {
        HandlerQueue queue = await BusyQueueAsync(0);
        Add(queue, 1);
        Add(queue, 2);
        Task room = queue.WaitForRoomAsync();

        queue.Drop();

        await room.WaitAsync(TestNode.Patience);
        Assert.That((queue.Count, queue.Bytes, queue.IsFull), Is.EqualTo((0, 0L, false)));
        Assert.That(_rig.Metrics.Dropped(DropReason.Unhandled), Is.EqualTo(2));
        Assert.That(Add(queue, 3), Is.False);
        _gate.Open();
        await queue.CompleteAsync().WaitAsync(TestNode.Patience);
        Assert.That(_gate.Handler.Messages.Select(message => message[1]), Is.EqualTo(new[] { 0 }));
        await NoFrameIsUsedAsync();
    }

    [Test]
    public async Task It_is_handled_on_a_thread_in_the_background_that_leaves_with_the_node()
    {
        Thread? thread = null;
        var handler = new RecordingHandler
        {
            Judge = _ =>
            {
                thread = Thread.CurrentThread;
                return Verdict.Consume;
            },
        };
        var rig = new PeerRig(handler: handler);
        ScriptedPeer peer = await rig.ConnectReadyAsync();
        await peer.SendAsync(Command.Logos, 1);
        await handler.WaitAsync();
        Assert.That((thread!.Name, thread.IsBackground, thread.IsThreadPoolThread), Is.EqualTo(("Logos.P2P handler", true, false)));

        await rig.DisposeAsync();

        // It would wait for ten seconds for more work.
        Assert.That(thread.Join(TimeSpan.FromSeconds(8)), Is.True);
    }

    /// <summary>A queue of which the first message is being handled.</summary>
    private async Task<HandlerQueue> BusyQueueAsync(long maxBytes)
    {
        var queue = new HandlerQueue(_peer.Peer, _rig.Node.Relay, maxBytes);
        Add(queue, 0);
        await _gate.Entered.WaitAsync(TestNode.Patience);
        return queue;
    }

    private Frame Message(int number) => _rig.Frames.Create(Command.Logos, [Gate.Blocks, (byte)number, (byte)(number >> 8)]);

    private bool Add(HandlerQueue queue, int number)
    {
        Frame frame = Message(number);
        bool isTaken = queue.Add(frame);
        frame.Release();
        return isTaken;
    }

    // A ping that is just being sent is one.
    private Task NoFrameIsUsedAsync() => Eventually.IsAsync(() => _rig.Frames.UsedFrames == 0);
}
