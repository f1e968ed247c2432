using System.Buffers;
using System.Buffers.Binary;
using Logos.P2P.Tests.Conformance;
using Logos.P2P.Transport;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Transport;

internal sealed class FrameWriterTests
{
    private readonly FramePool _pool = new(P2PNetwork.Regtest);

    [Test]
    public void An_idle_connection_is_sent_each_message_at_once_in_a_call_of_its_own()
    {
        var connection = new FakeConnection();
        var writer = new FrameWriter(connection, 1000, new ByteBudget(_pool, long.MaxValue), null);

        for (int i = 0; i < 10; i++)
        {
            Assert.That(writer.TrySend(Frame(i, 100), SendLane.Bulk), Is.True);
            Assert.That(connection.Calls, Has.Count.EqualTo(i + 1));
        }

        Assert.That(connection.Calls, Is.All.EqualTo(124));
        Assert.That(writer.QueuedBytes, Is.Zero);
        Assert.That(Numbers(connection.Sent), Is.EqualTo(Enumerable.Range(0, 10)));
    }

    [Test]
    [Conformance("W15")]
    public void The_bytes_sent_are_the_frames_bytes_untouched()
    {
        var connection = new FakeConnection { MostAtOnce = 7 };
        var writer = new FrameWriter(connection, 1_000_000, new ByteBudget(_pool, long.MaxValue), null);
        Frame frame = Frame(1, 100_000);
        byte[] expected = frame.Memory.ToArray();

        writer.TrySend(frame, SendLane.Bulk);

        Assert.That(connection.Sent.AsSpan().SequenceEqual(expected));
    }

    [Test]
    public void What_announces_a_frame_leaves_with_it_and_before_it()
    {
        var connection = new FakeConnection();
        var asked = new List<Frame>();
        var writer = new FrameWriter(connection, 1_000_000, new ByteBudget(_pool, long.MaxValue), null)
        {
            IsStillNew = frame =>
            {
                asked.Add(frame);
                return true;
            },
        };

        Assert.That(writer.TryQueueForNext(Frame(0, 10), SendLane.Small), Is.True);
        Assert.That(connection.Calls, Is.Empty);
        writer.TrySend(Frame(1, NodeDefaults.LargeMessage), SendLane.Bulk);

        Assert.That(connection.Calls, Is.EqualTo(new[] { (2 * WireLimits.HeaderSize) + 10 + NodeDefaults.LargeMessage }));
        Assert.That(Numbers(connection.Sent), Is.EqualTo(new[] { 0, 1 }));
        Assert.That(asked, Is.Empty, "It has not waited, so nobody can have brought it meanwhile.");
        writer.Close();
        Assert.That(writer.TryQueueForNext(Frame(2, 10), SendLane.Small), Is.False);
    }

    [Test]
    public void What_piles_up_while_one_thread_sends_leaves_together()
    {
        var connection = new FakeConnection();
        var writer = new FrameWriter(connection, 1_000_000, new ByteBudget(_pool, long.MaxValue), null);
        connection.OnTrySend = () =>
        {
            connection.OnTrySend = null;
            // As other threads do while this one is in the system call.
            for (int i = 1; i <= 100; i++)
                Assert.That(writer.TrySend(Frame(i, 100), SendLane.Bulk), Is.True);
        };

        writer.TrySend(Frame(0, 100), SendLane.Bulk);

        Assert.That(connection.Calls, Is.EqualTo(new[] { 124, 12_400 }));
        Assert.That(Numbers(connection.Sent), Is.EqualTo(Enumerable.Range(0, 101)));
    }

    [Test]
    public async Task Not_more_than_64_KiB_leave_in_one_call_unless_one_frame_is_larger()
    {
        var connection = new FakeConnection(allowance: 0);
        var writer = new FrameWriter(connection, 10_000_000, new ByteBudget(_pool, long.MaxValue), null);
        int[] sizes = [10, 30_000, 30_000, 30_000, 65_512, 65_513, 200_000, 10, 10];
        for (int i = 0; i < sizes.Length; i++)
            Assert.That(writer.TrySend(Frame(i, sizes[i]), SendLane.Bulk), Is.True);
        int calls = connection.Calls.Count;

        connection.Allow(long.MaxValue);

        await Eventually.IsAsync(() => writer.QueuedBytes == 0);
        Assert.That(
            connection.Calls.Skip(calls),
            Is.EqualTo(new[] { 34, 60_048, 30_024, 65_536, 65_537, 200_024, 68 }));
        Assert.That(Numbers(connection.Sent), Is.EqualTo(Enumerable.Range(0, sizes.Length)));
    }

    [Test]
    public async Task Lanes_overtake_at_message_boundaries_and_never_inside_a_message()
    {
        // The first frame is stuck in its middle when the others come.
        var connection = new FakeConnection(allowance: 500);
        var writer = new FrameWriter(connection, 1_000_000, new ByteBudget(_pool, long.MaxValue), null);
        writer.TrySend(Frame(1, 1000), SendLane.Bulk);
        writer.TrySend(Frame(5, 100), SendLane.Bulk);
        writer.TrySend(Frame(3, 100), SendLane.Small);
        writer.TrySend(Frame(6, 100), SendLane.Bulk);
        writer.TrySend(Frame(2, 100), SendLane.Control);
        writer.TrySend(Frame(4, 100), SendLane.Small);

        connection.Allow(long.MaxValue / 2);

        await Eventually.IsAsync(() => writer.QueuedBytes == 0);
        Assert.That(Numbers(connection.Sent), Is.EqualTo(new[] { 1, 2, 3, 4, 5, 6 }));
    }

    [Test]
    [Conformance("W15")]
    public async Task A_blocked_connection_queues_up_to_the_bound_and_goes_on_where_it_stopped()
    {
        var connection = new FakeConnection(allowance: 0);
        var writer = new FrameWriter(connection, 10_000, new ByteBudget(_pool, long.MaxValue), null);
        int taken = 0;
        while (writer.TrySend(Frame(taken, 976), SendLane.Bulk))
            taken++;

        // One is on its way; those that wait occupy 1,024 bytes of buffer each and a little more.
        Assert.That(taken, Is.InRange(1 + 8, 1 + 9));
        Assert.That(writer.QueuedBytes, Is.EqualTo(taken * 1000));
        for (int i = 0; i < 1100; i++)
            connection.Allow(10);

        await Eventually.IsAsync(() => writer.QueuedBytes == 0);
        Assert.That(Numbers(connection.Sent), Is.EqualTo(Enumerable.Range(0, taken)));
    }

    [Test]
    public async Task After_a_jam_messages_leave_at_once_again()
    {
        var connection = new FakeConnection(allowance: 10);
        var writer = new FrameWriter(connection, 10_000, new ByteBudget(_pool, long.MaxValue), null);
        writer.TrySend(Frame(0, 100), SendLane.Bulk);
        connection.Allow(1_000_000);
        await Eventually.IsAsync(() => writer.QueuedBytes == 0 && connection.BytesSent == 124);
        // The drainer of the jam may be about to leave; whoever finds it gone sends on its own thread.
        int thread = 0;
        await Eventually.IsAsync(() =>
        {
            thread = 0;
            connection.OnTrySend = () => thread = Environment.CurrentManagedThreadId;
            writer.TrySend(Frame(1, 100), SendLane.Bulk);
            return thread == Environment.CurrentManagedThreadId;
        });

        Assert.That(writer.QueuedBytes, Is.Zero);
    }

    [TestCase(long.MaxValue)]
    [TestCase(0)]
    [TestCase(50)]
    [TestCase(5000)]
    public async Task Every_frame_goes_back_whether_it_was_sent_or_not(long allowance)
    {
        var connection = new FakeConnection(allowance);
        var writer = new FrameWriter(connection, 5000, new ByteBudget(_pool, long.MaxValue), null);
        List<Frame> frames = [.. Enumerable.Range(0, 100).Select(i => Frame(i, 100))];
        foreach (Frame frame in frames)
            writer.TrySend(frame, (SendLane)(frame.Payload[0] % 3));

        writer.Close();
        connection.Close();

        await Eventually.IsAsync(() => writer.QueuedBytes == 0);
        Assert.That(frames.Select(_pool.ReturnsOnRelease), Is.All.True);
    }

    [Test]
    public void A_broken_connection_gives_everything_back_and_is_closed()
    {
        var connection = new FakeConnection();
        var writer = new FrameWriter(connection, 5000, new ByteBudget(_pool, long.MaxValue), null);
        Frame[] frames = [Frame(0, 100), Frame(1, 100), Frame(2, 100)];
        connection.OnTrySend = () =>
        {
            connection.OnTrySend = null;
            writer.TrySend(frames[1], SendLane.Bulk);
            connection.Close();
        };

        writer.TrySend(frames[0], SendLane.Bulk);

        Assert.That(writer.TrySend(frames[2], SendLane.Control), Is.False);
        Assert.That(writer.QueuedBytes, Is.Zero);
        Assert.That(frames.Select(_pool.ReturnsOnRelease), Is.All.True);
    }

    [Test]
    public void A_closed_writer_takes_nothing()
    {
        var connection = new FakeConnection();
        var writer = new FrameWriter(connection, 5000, new ByteBudget(_pool, long.MaxValue), null);
        writer.Close();
        Frame frame = Frame(0, 1);

        Assert.That(writer.TrySend(frame, SendLane.Control), Is.False);
        Assert.That(connection.Calls, Is.Empty);
        Assert.That(_pool.ReturnsOnRelease(frame), Is.True);
    }

    [TestCase(int.MaxValue)]
    [TestCase(1000)]
    [Conformance("W15")]
    public async Task Frames_of_many_threads_arrive_each_once_and_unbroken(int mostAtOnce)
    {
        const int threads = 8, each = 2000;
        var connection = new FakeConnection(allowance: 100_000) { MostAtOnce = mostAtOnce };
        var writer = new FrameWriter(connection, int.MaxValue, new ByteBudget(_pool, long.MaxValue), null);
        var sent = new Frame[threads * each];
        Task[] senders = [.. Enumerable.Range(0, threads).Select(thread => Task.Run(() =>
        {
            for (int i = 0; i < each; i++)
            {
                int number = (thread * each) + i;
                sent[number] = Frame(number, 4 + (number % 300));
                Assert.That(writer.TrySend(sent[number], SendLane.Bulk), Is.True);
            }
        }))];
        // The connection jams and frees itself all the time.
        while (!Task.WaitAll(senders, 0))
            connection.Allow(10_000);
        connection.Allow(long.MaxValue / 2);
        await Eventually.IsAsync(() => writer.QueuedBytes == 0);

        List<int> numbers = Numbers(connection.Sent);
        Assert.That(connection.WasSentConcurrently, Is.False);
        Assert.That(numbers.Order(), Is.EqualTo(Enumerable.Range(0, threads * each)));
        for (int thread = 0; thread < threads; thread++)
            Assert.That(numbers.Where(number => number / each == thread), Is.Ordered, "Each sender's order is kept.");
        Assert.That(sent.Select(_pool.ReturnsOnRelease), Is.All.True);
    }

    [Test]
    public async Task Closing_in_the_middle_of_everything_loses_no_frame([Range(1, 20)] int seed)
    {
        var connection = new FakeConnection(allowance: seed * 1000) { MostAtOnce = 500 };
        var writer = new FrameWriter(connection, 20_000, new ByteBudget(_pool, long.MaxValue), null);
        var sent = new Frame[4 * 200];
        Task[] senders = [.. Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            for (int i = 0; i < 200; i++)
            {
                Frame frame = sent[(thread * 200) + i] = Frame(i, 100);
                writer.TrySend(frame, (SendLane)(i % 3));
                if (thread == 0 && i == seed * 5)
                {
                    writer.Close();
                    connection.Close();
                }

                connection.Allow(50);
            }
        }))];
        await Task.WhenAll(senders);

        await Eventually.IsAsync(() => writer.QueuedBytes == 0);
        Assert.That(sent.Select(_pool.ReturnsOnRelease), Is.All.True);
    }

    [Test]
    public void Of_a_frame_that_was_taken_in_part_the_rest_is_queued()
    {
        var connection = new FakeConnection(allowance: 300);
        var writer = new FrameWriter(connection, 1_000_000, new ByteBudget(_pool, long.MaxValue), null);

        Frame frame = Frame(0, 1000);
        writer.TrySend(frame, SendLane.Bulk);
        int length = frame.Length;
        frame.Release();

        Assert.That(connection.BytesSent, Is.EqualTo(300));
        Assert.That(writer.QueuedBytes, Is.EqualTo(length - 300));
        writer.Close();
        connection.Close();
    }

    private Frame Frame(int number, int payload)
    {
        byte[] bytes = new byte[Math.Max(4, payload)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        return _pool.Create(Command.Logos, bytes);
    }

    /// <summary>The numbers of the frames in a stream; fails when it is anything but whole frames.</summary>
    private static List<int> Numbers(byte[] stream)
    {
        var pool = new FramePool(P2PNetwork.Regtest);
        using var reader = new FrameReader(pool) { IsHandshakeComplete = true };
        var input = new ReadOnlySequence<byte>(stream);
        var numbers = new List<int>();
        while (!input.IsEmpty)
        {
            FrameReadResult result = reader.Read(ref input);
            Assert.That(result.Status, Is.EqualTo(FrameReadStatus.Frame), $"After {numbers.Count} frames.");
            numbers.Add(BinaryPrimitives.ReadInt32LittleEndian(result.Frame!.Payload));
            result.Frame.Release();
        }

        return numbers;
    }
}
