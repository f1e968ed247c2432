using Logos.P2P.Transport;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Transport;

internal sealed class SendQueueTests
{
    private readonly FramePool _pool = new(P2PNetwork.Regtest);

    [Test]
    public void A_new_queue_is_empty()
    {
        var queue = new SendQueue(1000, new ByteBudget(_pool, long.MaxValue));

        Assert.That(queue.IsEmpty, Is.True);
        Assert.That(queue.Bytes, Is.Zero);
        Assert.That(queue.Peek(), Is.Null);
    }

    [Test]
    public void Control_goes_before_small_before_bulk_and_each_lane_in_order()
    {
        var queue = new SendQueue(10_000, new ByteBudget(_pool, long.MaxValue));
        (SendLane Lane, byte Number)[] order =
        [
            (SendLane.Bulk, 5), (SendLane.Small, 3), (SendLane.Control, 1), (SendLane.Bulk, 6), (SendLane.Small, 4),
            (SendLane.Control, 2),
        ];
        foreach ((SendLane lane, byte number) in order)
            Assert.That(queue.TryEnqueue(Frame(1, number), lane), Is.True);

        var taken = new List<byte>();
        while (queue.Peek() is { } next)
        {
            Frame frame = queue.Dequeue();
            Assert.That(frame, Is.SameAs(next));
            taken.Add(frame.Payload[0]);
        }

        Assert.That(taken, Is.EqualTo(new byte[] { 1, 2, 3, 4, 5, 6 }));
        Assert.That(queue.IsEmpty, Is.True);
    }

    [Test]
    public void Our_own_messages_go_before_those_of_others_that_wait_and_share_their_room()
    {
        var queue = new SendQueue(2000, new ByteBudget(_pool, long.MaxValue));
        Frame others = Frame(1, 2), ours = Frame(1, 1);
        Assert.That(queue.TryEnqueue(others, SendLane.Bulk), Is.True);
        Assert.That(queue.TryEnqueue(ours, SendLane.Own), Is.True);
        Assert.That(queue.TryEnqueue(Frame(1, 3), SendLane.Bulk), Is.True);
        Assert.That(queue.TryEnqueue(Frame(1, 4), SendLane.Own), Is.False, "There is room for three.");

        Assert.That(queue.Peek(bulkToo: false), Is.Null);
        Assert.That(queue.PeekBulk(), Is.SameAs(ours));
        queue.DropBulk(others);
        Assert.That(queue.Dequeue(), Is.SameAs(ours));
        Assert.That(queue.Dequeue().Payload[0], Is.EqualTo(3), "The other one was dropped though ours had come before it.");
        Assert.That((queue.IsEmpty, queue.Cost), Is.EqualTo((true, 0L)));
    }

    [Test]
    public void Bulk_is_bounded_by_what_frames_cost_in_memory_not_by_what_they_are_on_the_wire()
    {
        var queue = new SendQueue(10_000, new ByteBudget(_pool, long.MaxValue));
        int taken = 0;
        while (queue.TryEnqueue(Frame(8), SendLane.Bulk))
            taken++;

        Assert.That(taken * Frame(8).Capacity, Is.InRange(5_000, 10_000), "Almost full, and never over.");
        Assert.That(queue.Cost, Is.InRange(taken * Frame(8).Capacity, 10_000));
        Assert.That(queue.Bytes, Is.EqualTo(taken * 32));
        Assert.That(queue.TryEnqueue(Frame(0), SendLane.Bulk), Is.False);
        queue.Clear();
        Assert.That(queue.Cost, Is.Zero);
    }

    [Test]
    public void One_frame_of_any_size_is_taken_when_nothing_of_its_lane_waits()
    {
        var queue = new SendQueue(1, new ByteBudget(_pool, long.MaxValue));

        Assert.That(queue.TryEnqueue(Frame(5000), SendLane.Bulk), Is.True);
        Assert.That(queue.TryEnqueue(Frame(0), SendLane.Bulk), Is.False);
        Frame largest = _pool.Create(Command.Inv, new byte[InventoryCodec.MaxSize]);
        Assert.That(queue.TryEnqueue(largest, SendLane.Small), Is.True);
        Assert.That(queue.TryEnqueue(Frame(0), SendLane.Small), Is.False);
    }

    [Test]
    public void When_memory_is_used_up_a_little_control_is_still_taken_and_nothing_else()
    {
        Frame hoarded = Frame(5000);
        var queue = new SendQueue(10_000, new ByteBudget(_pool, hoarded.Capacity));
        int taken = 0;

        Assert.That(queue.TryEnqueue(Frame(8), SendLane.Bulk), Is.False);
        Assert.That(queue.TryEnqueue(Frame(8), SendLane.Small), Is.False);
        while (queue.TryEnqueue(Frame(8), SendLane.Control))
            taken++;
        Assert.That(taken, Is.GreaterThanOrEqualTo(20));
        Assert.That(queue.Cost, Is.LessThanOrEqualTo(NodeDefaults.MinControlBuffer));
    }

    [Test]
    public void When_all_is_shared_out_each_lane_takes_one_frame_of_the_reserve()
    {
        var pool = new FramePool(P2PNetwork.Regtest);
        Frame hoarded = pool.Create(Command.Logos, new byte[3_900_000]);
        var queue = new SendQueue(10_000, new ByteBudget(pool, hoarded.Capacity + 10_000));

        foreach (SendLane lane in (SendLane[])[SendLane.Bulk, SendLane.Small])
        {
            Assert.That(queue.TryEnqueue(Frame(8), lane), Is.True);
            Assert.That(queue.TryEnqueue(Frame(8), lane), Is.False);
        }
    }

    [Test]
    public void However_many_queues_have_a_large_frame_each_the_next_one_takes_what_is_not_large()
    {
        const int capacity = 100_000_000;
        var pool = new FramePool(P2PNetwork.Regtest);
        var budget = new ByteBudget(pool, capacity);
        int taken = 0;
        for (int i = 0; i < 100; i++)
        {
            // Of nobody else than this queue, which takes nothing off it.
            Frame frame = pool.Create(Command.Logos, new byte[WireLimits.MaxPayload]);
            taken += new SendQueue(1_000_000, budget).TryEnqueue(frame, SendLane.Bulk) ? 1 : 0;
            frame.Release();
        }

        Assert.That(taken, Is.EqualTo(20).Within(2), "They have the part that is shared out, and half of the reserve.");
        for (int i = 0; i < 2 * 256; i++)
        {
            Frame frame = pool.Create(Command.Logos, new byte[12_000]);
            Assert.That(new SendQueue(1_000_000, budget).TryEnqueue(frame, SendLane.Bulk), Is.True);
            frame.Release();
        }

        Assert.That(budget.Used, Is.LessThan(capacity));
    }

    [Test]
    public void Control_and_small_share_a_bound_of_their_own_of_which_small_leaves_a_quarter()
    {
        var queue = new SendQueue(1, new ByteBudget(_pool, long.MaxValue));
        int taken = 0;
        while (queue.TryEnqueue(Frame(1000), taken % 2 == 0 ? SendLane.Control : SendLane.Small))
            taken++;

        Assert.That(
            taken, Is.InRange(NodeDefaults.MaxControlBuffer * 3 / 4 / 1200, NodeDefaults.MaxControlBuffer * 3 / 4 / 1024));
        while (queue.TryEnqueue(Frame(1000), SendLane.Control))
            taken++;
        Assert.That(taken, Is.InRange(NodeDefaults.MaxControlBuffer / 1200, NodeDefaults.MaxControlBuffer / 1024));
        Assert.That(queue.TryEnqueue(Frame(1000), SendLane.Bulk), Is.True, "A full small lane is not bulk's affair.");
    }

    [Test]
    public void Bytes_fall_as_frames_leave()
    {
        var queue = new SendQueue(1000, new ByteBudget(_pool, long.MaxValue));
        queue.TryEnqueue(Frame(10), SendLane.Control);
        queue.TryEnqueue(Frame(20), SendLane.Bulk);
        Assert.That(queue.Bytes, Is.EqualTo(34 + 44));

        queue.Dequeue();
        Assert.That(queue.Bytes, Is.EqualTo(44));
        queue.Dequeue();
        Assert.That(queue.Bytes, Is.Zero);
    }

    [Test]
    public void A_frame_taken_is_owned_and_a_frame_refused_is_not()
    {
        var queue = new SendQueue(200, new ByteBudget(_pool, long.MaxValue));
        Frame taken = Frame(150), refused = Frame(150);
        queue.TryEnqueue(taken, SendLane.Bulk);
        queue.TryEnqueue(refused, SendLane.Bulk);

        Assert.That(_pool.ReturnsOnRelease(refused), Is.True);
        Assert.That(_pool.ReturnsOnRelease(taken), Is.False);
        queue.Clear();
        Assert.That(queue.IsEmpty, Is.True);
        Assert.That(taken.Release, Throws.InvalidOperationException, "The queue has given up its reference.");
    }

    private Frame Frame(int payload, byte first = 0)
    {
        byte[] bytes = new byte[payload];
        if (payload > 0)
            bytes[0] = first;
        return _pool.Create(Command.Logos, bytes);
    }
}

/// <summary>Looks at who owns frames, by what the pool gets back.</summary>
internal static class FrameOwnership
{
    /// <summary>Gives up a reference and says whether it was the last one.</summary>
    public static bool ReturnsOnRelease(this FramePool pool, Frame frame)
    {
        long before = pool.RetainedBytes;
        frame.Release();
        return pool.RetainedBytes == before + frame.Capacity;
    }
}
