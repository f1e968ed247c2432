using System.IO.Pipelines;
using Logos.P2P.Transport;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Transport;

internal sealed class ReceiveLoopTests
{
    private readonly FramePool _pool = new(P2PNetwork.Regtest);

    [Test]
    public async Task Frames_are_handed_over_in_order_and_all_bytes_are_reported()
    {
        var sink = new Sink();
        (FakeConnection connection, Task<DisconnectReason> loop) = Start(sink);
        long bytes = 0;
        for (byte i = 0; i < 100; i++)
            bytes += await WriteAsync(connection, i, i * 1000);
        await connection.Incoming.CompleteAsync();

        Assert.That(await loop.WaitAsync(TestNode.Patience), Is.EqualTo(DisconnectReason.RemoteClosed));
        Assert.That(sink.Numbers, Is.EqualTo(Enumerable.Range(0, 100).Select(i => (byte)i)));
        Assert.That(sink.Bytes, Is.EqualTo(bytes));
    }

    [Test]
    public async Task An_end_in_the_middle_of_a_message_is_an_end_and_its_buffer_goes_back()
    {
        (FakeConnection connection, Task<DisconnectReason> loop) = Start(new Sink());
        byte[] frame = _pool.Create(Command.Logos, new byte[1000]).Memory.ToArray();
        await connection.Incoming.WriteAsync(frame.AsMemory(0, 500));
        await connection.Incoming.CompleteAsync();
        long before = _pool.RetainedBytes;

        Assert.That(await loop.WaitAsync(TestNode.Patience), Is.EqualTo(DisconnectReason.RemoteClosed));
        Assert.That(_pool.RetainedBytes, Is.GreaterThanOrEqualTo(before));
    }

    [TestCase(typeof(IOException))]
    [TestCase(typeof(ObjectDisposedException))]
    public async Task A_connection_that_breaks_is_a_network_error(Type error)
    {
        (FakeConnection connection, Task<DisconnectReason> loop) = Start(new Sink());

        await connection.Incoming.CompleteAsync(error == typeof(IOException)
            ? new IOException("Reset.")
            : new ObjectDisposedException("socket"));

        Assert.That(await loop.WaitAsync(TestNode.Patience), Is.EqualTo(DisconnectReason.NetworkError));
    }

    [Test]
    public async Task A_sink_that_has_had_enough_gets_no_more()
    {
        var sink = new Sink { IsEnough = number => number == 2 };
        (FakeConnection connection, Task<DisconnectReason> loop) = Start(sink);
        for (byte i = 0; i < 5; i++)
            await WriteAsync(connection, i, 10);

        Assert.That(await loop.WaitAsync(TestNode.Patience), Is.EqualTo(DisconnectReason.None));
        Assert.That(sink.Numbers, Is.EqualTo(new byte[] { 0, 1, 2 }));
    }

    [Test]
    public async Task A_backlogged_sink_is_not_given_more_until_it_has_room()
    {
        var sink = new Sink { BacklogAfter = 3 };
        (FakeConnection connection, Task<DisconnectReason> loop) = Start(sink);
        for (byte i = 0; i < 10; i++)
            await WriteAsync(connection, i, 10);
        await sink.Waiting.WaitAsync(TestNode.Patience);
        Assert.That(sink.Numbers, Has.Count.EqualTo(3));

        sink.MakeRoom();
        await connection.Incoming.CompleteAsync();

        Assert.That(await loop.WaitAsync(TestNode.Patience), Is.EqualTo(DisconnectReason.RemoteClosed));
        Assert.That(sink.Numbers, Has.Count.EqualTo(10), "Nothing was lost by waiting.");
    }

    [Test]
    public async Task A_backlog_that_ends_before_anybody_waits_for_it_loses_nothing()
    {
        var sink = new Sink { BrieflyBackloggedAfter = 1 };
        (FakeConnection connection, Task<DisconnectReason> loop) = Start(sink);
        byte[] frames = [.. Enumerable.Range(0, 3).SelectMany(i => _pool.Create(Command.Logos, [(byte)i]).Memory.ToArray())];
        await connection.Incoming.WriteAsync(frames);
        await connection.Incoming.CompleteAsync();

        Assert.That(await loop.WaitAsync(TestNode.Patience), Is.EqualTo(DisconnectReason.RemoteClosed));
        Assert.That(sink.Numbers, Is.EqualTo(new byte[] { 0, 1, 2 }));
    }

    [Test]
    public async Task While_the_sink_is_backlogged_nothing_is_read_from_the_connection()
    {
        var sink = new Sink { BacklogAfter = 1 };
        (FakeConnection connection, Task<DisconnectReason> loop) = Start(sink);
        await WriteAsync(connection, 0, 10);
        await sink.Waiting.WaitAsync(TestNode.Patience);
        long read = sink.Bytes;

        // More than the pipe takes before it asks its writer to wait.
        Task flood = WriteAsync(connection, 1, 200_000);
        await connection.Incoming.FlushAsync(new CancellationToken(canceled: true)).AsTask()
            .ContinueWith(_ => { }, TaskScheduler.Default);
        Assert.That(flood.IsCompleted, Is.False);
        Assert.That(sink.Bytes, Is.EqualTo(read));

        sink.MakeRoom();
        await flood.WaitAsync(TestNode.Patience);
        await connection.Incoming.CompleteAsync();
        await loop.WaitAsync(TestNode.Patience);
        Assert.That(sink.Numbers, Is.EqualTo(new byte[] { 0, 1 }));
    }

    [Test]
    public async Task Each_frame_is_announced_to_the_sink_once_and_the_next_message_before_the_last_is_handed_over()
    {
        var sink = new Sink();
        (FakeConnection connection, Task<DisconnectReason> loop) = Start(sink);
        await WriteTogetherAsync(connection, 0, 1, 2);
        await connection.Incoming.CompleteAsync();
        await loop.WaitAsync(TestNode.Patience);

        Assert.That(sink.Order, Is.EqualTo(new[] { "expects 0", "expects 1", "0", "expects 2", "1", "2" }));
    }

    [Test]
    public async Task What_was_read_ahead_waits_for_room_and_goes_back_to_the_pool_when_it_is_not_wanted()
    {
        long before = _pool.UsedFrames;
        var sink = new Sink { BacklogAfter = 1, IsEnough = number => number == 1, Keeps = true };
        (FakeConnection connection, Task<DisconnectReason> loop) = Start(sink);
        await WriteTogetherAsync(connection, 0, 1, 2);
        await sink.Waiting.WaitAsync(TestNode.Patience);
        Assert.That(sink.Order, Is.EqualTo(new[] { "expects 0", "expects 1", "0" }));

        sink.MakeRoom();

        Assert.That(await loop.WaitAsync(TestNode.Patience), Is.EqualTo(DisconnectReason.None));
        Assert.That(sink.Order.Skip(3), Is.EqualTo(new[] { "expects 2", "1" }));
        Assert.That(sink.Frames.Select(_pool.ReturnsOnRelease), Is.All.True);
        Assert.That(_pool.UsedFrames, Is.EqualTo(before), "The third frame is nobody's.");
    }

    [Test]
    public async Task Frames_not_kept_by_the_sink_go_back_to_the_pool()
    {
        var sink = new Sink { Keeps = true };
        (FakeConnection connection, Task<DisconnectReason> loop) = Start(sink);
        for (byte i = 0; i < 50; i++)
            await WriteAsync(connection, i, 100);
        await connection.Incoming.CompleteAsync();
        await loop.WaitAsync(TestNode.Patience);

        Assert.That(sink.Frames.Select(_pool.ReturnsOnRelease), Is.All.True, "The sink's reference was the last one.");
    }

    private (FakeConnection Connection, Task<DisconnectReason> Loop) Start(Sink sink)
    {
        var connection = new FakeConnection();
        var reader = new FrameReader(_pool) { IsHandshakeComplete = true };
        return (connection, Task.Run(() => ReceiveLoop.RunAsync(connection, reader, sink, new NodeClock(TimeProvider.System))));
    }

    /// <summary>Several small messages that arrive together.</summary>
    private async Task WriteTogetherAsync(FakeConnection connection, params byte[] numbers) =>
        await connection.Incoming.WriteAsync(numbers.SelectMany(number => Message(number, 10)).ToArray());

    private byte[] Message(byte number, int size)
    {
        byte[] payload = new byte[Math.Max(1, size)];
        payload[0] = number;
        Frame frame = _pool.Create(Command.Logos, payload);
        byte[] bytes = frame.Memory.ToArray();
        frame.Release();
        return bytes;
    }

    private async Task<long> WriteAsync(FakeConnection connection, byte number, int size)
    {
        byte[] bytes = Message(number, size);
        FlushResult result = await connection.Incoming.WriteAsync(bytes);
        Assert.That(result.IsCanceled, Is.False);
        return bytes.Length;
    }

    private sealed class Sink : IFrameSink
    {
        private readonly TaskCompletionSource _room = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly List<byte> _numbers = [];
        private readonly List<Frame> _frames = [];
        private readonly List<string> _order = [];
        private long _bytes;

        public Predicate<byte> IsEnough { get; init; } = _ => false;

        public int BacklogAfter { get; init; } = int.MaxValue;

        /// <summary>After so many the sink has no room when it is asked, and has some the next time it is.</summary>
        public int BrieflyBackloggedAfter { get; set; } = int.MaxValue;

        public bool Keeps { get; init; }

        public IReadOnlyList<byte> Numbers => _numbers;

        public IReadOnlyList<Frame> Frames => _frames;

        /// <summary>What was announced and handed over, in turn.</summary>
        public IReadOnlyList<string> Order => _order;

        public long Bytes => Interlocked.Read(ref _bytes);

        public Task Waiting => _waiting.Task;

        public bool IsBacklogged
        {
            get
            {
                if (_numbers.Count < BrieflyBackloggedAfter)
                    return _numbers.Count >= BacklogAfter && !_room.Task.IsCompleted;
                BrieflyBackloggedAfter = int.MaxValue;
                return true;
            }
        }

        public void MakeRoom() => _room.SetResult();

        public void BytesArrived(long count) => Interlocked.Add(ref _bytes, count);

        public void Expect(in FrameReadResult result)
        {
            if (result.Frame is { } frame)
                _order.Add($"expects {frame.Payload[0]}");
        }

        public bool Receive(in FrameReadResult result)
        {
            byte number = result.Frame!.Payload[0];
            _numbers.Add(number);
            _order.Add($"{number}");
            if (Keeps)
            {
                result.Frame.AddReference();
                _frames.Add(result.Frame);
            }

            return !IsEnough(number);
        }

        public Task WaitForBacklogAsync()
        {
            _waiting.TrySetResult();
            return IsBacklogged ? _room.Task : Task.CompletedTask;
        }
    }
}
