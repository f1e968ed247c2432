using Logos.P2P.Access;
using Logos.P2P.Tests.Peers;
using Logos.P2P.Transport;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Transport;

/// <summary>What is sent while complete frames are at hand leaves together, and nothing else about it changes.</summary>
internal sealed class SendBatchTests
{
    private readonly FramePool _pool = new(P2PNetwork.Regtest);
    private readonly ManualTimeProvider _time = new(DateTimeOffset.UnixEpoch);
    private FakeConnection _connection = null!;
    private SendBatch _batch = null!;
    private FrameWriter _writer = null!;

    [SetUp]
    public void Begin()
    {
        _connection = new FakeConnection();
        _batch = new SendBatch(new NodeClock(_time));
        _writer = new FrameWriter(_connection, 1_000_000, new ByteBudget(_pool, long.MaxValue), null);
        _batch.Begin();
        _batch.IsHolding = true;
    }

    [TearDown]
    public void End()
    {
        if (SendBatch.Current is not null)
            _batch.End();
    }

    [Test]
    public void What_is_sent_for_the_last_frame_leaves_at_once_and_takes_along_what_was_held_back()
    {
        Send(100, 100);
        _batch.IsHolding = false;

        Send(100);

        Assert.That(_connection.Calls, Is.EqualTo(new[] { 3 * 124 }));
        _batch.End();
        Assert.That(_connection.Calls, Has.Count.EqualTo(1));
    }

    [Test]
    public void What_is_sent_for_the_last_frame_does_not_overtake_what_was_held_back()
    {
        Send(100, 100);
        _batch.IsHolding = false;

        Assert.That(_writer.TrySend(Frame(8), SendLane.Control), Is.True);

        Assert.That(_connection.Calls, Is.EqualTo(new[] { 248, 32 }));
    }

    [Test]
    public async Task Control_goes_while_what_was_held_back_has_to_wait_for_the_upload_limit()
    {
        await using var rig = new PeerRig(new P2POptions { Network = P2PNetwork.Regtest, MaxPeerUploadRate = 1 });
        UploadLimit limit = UploadLimit.Create(rig.Node)!;
        var writer = new FrameWriter(_connection, 1_000_000, new ByteBudget(_pool, long.MaxValue), limit);
        limit.Charge(1_000_000);
        Assert.That(writer.TrySend(Frame(100), SendLane.Bulk), Is.True);
        _batch.IsHolding = false;

        Assert.That(writer.TrySend(Frame(8), SendLane.Control), Is.True);

        Assert.That(_connection.Calls, Is.EqualTo(new[] { 32 }));
        writer.Close();
    }

    [Test]
    public async Task A_large_message_that_waited_for_the_upload_limit_is_asked_about_whoever_sends_it()
    {
        await using var rig = new PeerRig(new P2POptions { Network = P2PNetwork.Regtest, MaxPeerUploadRate = 1_000_000 });
        UploadLimit limit = UploadLimit.Create(rig.Node)!;
        int asked = 0;
        var writer = new FrameWriter(_connection, 1_000_000, new ByteBudget(_pool, long.MaxValue), limit)
        {
            IsStillNew = _ =>
            {
                asked++;
                return false;
            },
        };
        _batch.IsHolding = false;
        limit.Charge(100_000_000);
        Assert.That(writer.TrySend(Frame(NodeDefaults.LargeMessage), SendLane.Bulk), Is.True);
        Assert.That(_connection.Calls, Is.Empty);

        rig.Clock.Now += TimeSpan.FromHours(1);
        Assert.That(writer.TrySend(Frame(8), SendLane.Control), Is.True);

        Assert.That(asked, Is.EqualTo(1));
        Assert.That(_connection.Calls, Is.EqualTo(new[] { 32 }), "Its receiver has it from elsewhere.");
        writer.Close();
    }

    [Test]
    public void What_a_batch_holds_back_leaves_in_one_call()
    {
        Send(100, 100, 100);
        Assert.That(_connection.Calls, Is.Empty);

        _batch.End();

        Assert.That(_connection.Calls, Is.EqualTo(new[] { 3 * 124 }));
        Assert.That(SendBatch.Current, Is.Null);
    }

    [Test]
    public void It_leaves_as_soon_as_no_more_is_at_hand()
    {
        Send(100);

        _batch.Flush(hasMore: true);
        Assert.That(_connection.Calls, Is.Empty);
        _batch.Flush(hasMore: false);

        Assert.That(_connection.Calls, Is.EqualTo(new[] { 124 }));
    }

    [Test]
    public void It_leaves_when_it_was_held_back_for_long_although_more_is_at_hand()
    {
        Send(100);
        _time.Now += TimeSpan.FromMicroseconds(100);

        _batch.Flush(hasMore: true);

        Assert.That(_connection.Calls, Is.EqualTo(new[] { 124 }));
    }

    [Test]
    public void No_call_carries_more_than_is_worth_waiting_for()
    {
        Send(40_000, 20_000, 10_000);
        Assert.That(_connection.Calls, Is.EqualTo(new[] { 60_048 }), "The third one did not fit.");

        _batch.End();

        Assert.That(_connection.Calls, Is.EqualTo(new[] { 60_048, 10_024 }));
    }

    [Test]
    public void Nothing_overtakes_what_would_have_left_before_it()
    {
        Send(100);

        _writer.TrySend(_pool.Create(Command.Pong, 1), SendLane.Control);

        Assert.That(_connection.Calls, Is.EqualTo(new[] { 124 }), "The message, before the pong.");
        _batch.End();
        Assert.That(_connection.Calls, Is.EqualTo(new[] { 124, 32 }));
    }

    [Test]
    public void A_queue_without_room_is_emptied_instead_of_refusing_what_an_idle_connection_takes()
    {
        var small = new FrameWriter(_connection, 1000, new ByteBudget(_pool, long.MaxValue), null);

        for (int i = 0; i < 10; i++)
            Assert.That(small.TrySend(Frame(300), SendLane.Bulk), Is.True);

        _batch.End();
        Assert.That(_connection.Calls.Sum(), Is.EqualTo(3240));
    }

    [Test]
    public void What_is_held_back_when_the_writer_is_closed_is_sent()
    {
        Send(100);

        _writer.Close();

        Assert.That(_connection.Calls, Is.EqualTo(new[] { 124 }));
        Assert.That(_writer.TrySend(Frame(100), SendLane.Bulk), Is.False);
    }

    [Test]
    public void A_thread_without_a_batch_takes_along_what_is_held_back()
    {
        Send(100);

        var other = new Thread(() => _writer.TrySend(Frame(100), SendLane.Bulk));
        other.Start();
        other.Join();

        Assert.That(_connection.Calls, Is.EqualTo(new[] { 248 }));
        _batch.End();
        Assert.That(_connection.Calls, Has.Count.EqualTo(1));
    }

    [Test]
    public void A_batch_within_another_one_ends_alone()
    {
        var inner = new SendBatch(new NodeClock(_time));
        inner.Begin();
        inner.IsHolding = true;
        Send(100);

        inner.End();

        Assert.That(_connection.Calls, Is.EqualTo(new[] { 124 }));
        Assert.That(SendBatch.Current, Is.SameAs(_batch));
    }

    private void Send(params ReadOnlySpan<int> sizes)
    {
        foreach (int size in sizes)
            Assert.That(_writer.TrySend(Frame(size), SendLane.Bulk), Is.True);
    }

    private Frame Frame(int payload) => _pool.Create(Command.Logos, new byte[payload]);
}
