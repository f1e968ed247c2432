using Logos.P2P.Relay;
using Logos.P2P.Tests.Peers;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;

namespace Logos.P2P.Tests.Relay;

/// <summary>What the upper layer is asked about messages, and what it is taken for when it fails.</summary>
internal sealed class UpperLayerTests
{
    private PeerRig _rig = null!;
    private Frame _message = null!;

    [SetUp]
    public void SetUp()
    {
        _rig = new PeerRig();
        _message = _rig.Frames.Create(Command.Logos, [1]);
    }

    [TearDown]
    public async Task TearDownAsync()
    {
        _message.Release();
        await _rig.DisposeAsync();
    }

    [TestCase(0)]
    [TestCase(1_785_000_000)]
    public void The_time_at_which_a_message_was_made_is_known_when_its_bytes_tell(long unixSeconds)
    {
        DateTimeOffset? made = unixSeconds == 0 ? null : DateTimeOffset.FromUnixTimeSeconds(unixSeconds);

        Assert.That(Upper(new Dated(made ?? default)).MadeAt(_message), Is.EqualTo(made));
    }

    [Test]
    public void What_it_fails_to_say_is_unknown_and_counted()
    {
        UpperLayer upper = Upper(new RecordingHandler
        {
            Label = _ => throw new InvalidOperationException("On purpose."),
            Urgency = _ => throw new InvalidOperationException("On purpose."),
        });

        Assert.That((upper.OriginOf(_message), upper.IsUrgent(_message)), Is.EqualTo((0u, false)));
        Assert.That(_rig.Metrics.HandlerFailures, Is.EqualTo(2));
    }

    private UpperLayer Upper(IMessageHandler handler) => new(handler, _rig.Metrics, NullLogger.Instance);

    /// <summary>An upper layer whose messages were all made at one time.</summary>
    private sealed class Dated(DateTimeOffset madeAt) : IMessageHandler
    {
        public Verdict Receive(in ReceivedMessage message) => Verdict.Consume;

        public DateTimeOffset MadeAt(ReadOnlySpan<byte> message) => madeAt;
    }
}
