using Logos.P2P.Tests.Peers;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Relay;

/// <summary>A message that looked good turned out to be bad.</summary>
internal sealed class ReportInvalidTests
{
    private const string Host = "66.1.1.1";

    private static readonly byte[] Bad = [1, 2, 3];
    private static readonly MessageId Id = MessageId.Compute(Bad);

    private PeerRig _rig = null!;

    private RecordingHandler _handler = null!;

    /// <summary>Called when the node asks the upper layer something about a message.</summary>
    private Action? _asked;

    [SetUp]
    public void SetUp()
    {
        _asked = null;
        _handler = new RecordingHandler
        {
            IsQuick = true,
            Judge = _ => Answer(Verdict.Propagate),
            Importance = _ => Answer(0ul),
        };
        _rig = new PeerRig(handler: _handler);
    }

    [TearDown]
    public async Task TearDownAsync() => await _rig.DisposeAsync();

    [Test]
    public async Task It_is_served_no_more_and_whoever_brought_it_first_is_to_blame()
    {
        ScriptedPeer first = await _rig.ConnectReadyAsync(host: Host), other = await _rig.ConnectReadyAsync(host: "67.1.1.1");
        await BringAsync(first);
        await BringAsync(other);

        Assert.That(_rig.Host.ReportInvalid(Id), Is.True);

        Assert.That(await first.EndAsync(), Is.EqualTo(DisconnectReason.RejectedMessage));
        Assert.That(IsDiscouraged(first), Is.True);
        Assert.That(other.Peer.Reason, Is.EqualTo(DisconnectReason.None));
        await other.SendAsync(other.Frames.Create(Command.GetData, [Id]));
        Assert.That((await other.ReadAsync(Command.NotFound)).Ids, Is.EqualTo(new[] { Id }));
        Assert.That(_rig.Metrics.MessagesRejected, Is.EqualTo(1));
    }

    [Test]
    public async Task It_stays_seen_and_is_reported_once()
    {
        ScriptedPeer first = await _rig.ConnectReadyAsync(host: Host), other = await _rig.ConnectReadyAsync();
        await BringAsync(first);
        _rig.Host.ReportInvalid(Id);

        await BringAsync(other);

        Assert.That(_rig.Metrics.Dropped(DropReason.Duplicate), Is.EqualTo(1));
        Assert.That(_rig.Host.ReportInvalid(Id), Is.False);
        Assert.That(_rig.Host.ReportInvalid(MessageId.Compute([9])), Is.False, "Nobody knows it.");
    }

    [Test]
    public async Task It_stays_seen_however_long_ago_it_came()
    {
        ScriptedPeer first = await _rig.ConnectReadyAsync(host: Host), other = await _rig.ConnectReadyAsync();
        await BringAsync(first);
        // So many have come since that nothing but the message itself tells that it was here.
        Frame frame = _rig.Frames.Create(Command.Logos, Bad);
        _rig.Node.Relay.Abandon(other.Peer, frame);
        frame.Release();
        _rig.Host.ReportInvalid(Id);

        await BringAsync(other);

        Assert.That(_handler.Messages, Has.Count.EqualTo(1));
    }

    [TestCase(1, Description = "The handler has not answered.")]
    [TestCase(2, Description = "It has, and the node asks it whether the message is important.")]
    [TestCase(3, Description = "The message is kept.")]
    public async Task Reported_before_it_has_left_it_goes_nowhere_and_its_bringer_is_to_blame(int question)
    {
        ScriptedPeer first = await _rig.ConnectReadyAsync(host: Host), other = await _rig.ConnectReadyAsync();
        int count = 0;
        bool? isReported = null;
        _asked = () =>
        {
            if (++count == question)
                isReported = _rig.Host.ReportInvalid(Id);
        };

        await first.SendAsync(Command.Logos, Bad);
        Assert.That(await first.EndAsync(), Is.EqualTo(DisconnectReason.RejectedMessage));

        Assert.That(isReported, Is.True);
        Assert.That(IsDiscouraged(first), Is.True);
        Assert.That(_rig.Metrics.MessagesRejected, Is.EqualTo(1));
        await other.SendAsync(other.Frames.Create(Command.GetData, [Id]));
        Assert.That(
            (await other.ReadUntilPongAsync()).Select(received => received.Command).Where(command => command != Command.Ping),
            Is.EqualTo(new[] { Command.NotFound }));
        ScriptedPeer late = await _rig.ConnectReadyAsync();
        _rig.Node.Relay.Tick();
        Assert.That((await late.ReadUntilPongAsync()).Select(received => received.Command), Has.None.EqualTo(Command.Inv));
        Assert.That(_rig.Host.ReportInvalid(Id), Is.False);
    }

    [Test]
    public async Task What_was_not_to_be_passed_on_cannot_be_taken_back([Values(Verdict.Consume, Verdict.Reject)] Verdict verdict)
    {
        await using var rig = new PeerRig(handler: new RecordingHandler { IsQuick = true, Judge = _ => verdict });
        ScriptedPeer exempt = await rig.ConnectReadyAsync(ConnectionKind.Manual);
        await BringAsync(exempt);

        Assert.That(rig.Host.ReportInvalid(Id), Is.False);
    }

    [Test]
    public async Task Those_who_come_later_are_not_told_of_it()
    {
        await BringAsync(await _rig.ConnectReadyAsync(host: Host));
        _rig.Host.ReportInvalid(Id);
        ScriptedPeer late = await _rig.ConnectReadyAsync();
        _rig.Node.Relay.Tick();

        Assert.That((await late.ReadUntilPongAsync()).Select(received => received.Command), Has.None.EqualTo(Command.Inv));
    }

    [Test]
    public async Task Whoever_has_left_is_discouraged()
    {
        ScriptedPeer first = await _rig.ConnectReadyAsync(host: Host);
        await BringAsync(first);
        first.Close();
        await first.EndAsync();

        Assert.That(_rig.Host.ReportInvalid(Id), Is.True);

        Assert.That(IsDiscouraged(first), Is.True);
    }

    [Test]
    public async Task A_peer_of_the_operators_is_not_punished()
    {
        ScriptedPeer first = await _rig.ConnectReadyAsync(ConnectionKind.Manual, host: Host);
        await BringAsync(first);

        Assert.That(_rig.Host.ReportInvalid(Id), Is.True);

        Assert.That(first.Peer.Reason, Is.EqualTo(DisconnectReason.None));
        Assert.That(_rig.Metrics.Dropped(DropReason.Overlooked), Is.EqualTo(1));
        first.Close();
        await first.EndAsync();
        Assert.That(IsDiscouraged(first), Is.False);
    }

    [Test]
    public async Task Of_our_own_nobody_is_to_blame()
    {
        ScriptedPeer peer = await _rig.ConnectReadyAsync(host: Host);
        _rig.Node.Relay.Propagate(Bad);

        Assert.That(_rig.Host.ReportInvalid(Id), Is.True);

        Assert.That(peer.Peer.Reason, Is.EqualTo(DisconnectReason.None));
    }

    [Test]
    public async Task A_large_copy_that_waits_is_not_sent()
    {
        ScriptedPeer source = await _rig.ConnectReadyAsync(host: Host), slow = await _rig.ConnectReadyAsync();
        // One that fills the connection, one that is on its way, and one that waits.
        byte[][] messages = [.. Enumerable.Range(1, 3).Select(i => Enumerable.Repeat((byte)i, 70_000).ToArray())];
        foreach (byte[] message in messages)
            await source.SendAsync(Command.Logos, message);
        await source.ReadUntilPongAsync();

        _rig.Host.ReportInvalid(MessageId.Compute(messages[2]));

        Assert.That(
            (await slow.ReadUntilPongAsync()).Where(received => received.Command == Command.Logos).Select(received => received.Id),
            Is.EqualTo(messages[..2].Select(message => MessageId.Compute(message))));
    }

    private T Answer<T>(T answer)
    {
        _asked?.Invoke();
        return answer;
    }

    private bool IsDiscouraged(ScriptedPeer peer) => _rig.Node.Discouragement.Contains(peer.Peer.Endpoint.Address);

    private static async Task BringAsync(ScriptedPeer peer)
    {
        await peer.SendAsync(Command.Logos, Bad);
        await peer.ReadUntilPongAsync();
    }
}
