using Logos.P2P.Node;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Node;

/// <summary>What the program remembers of its messages.</summary>
internal sealed class MessagesTests
{
    [Test]
    public void The_first_time_a_message_was_here_counts()
    {
        var clock = new ManualTimeProvider(DateTimeOffset.UnixEpoch.AddDays(20_000));
        var messages = new Messages(clock);
        Receive(messages, 1, peer: 7);
        long first = messages.Find(IdOf(1))!.Time;
        clock.Advance(TimeSpan.FromSeconds(1));
        Receive(messages, 1, peer: 8);

        MessageRecord record = messages.Find(IdOf(1))!;

        Assert.That(record.Time, Is.EqualTo(first));
        Assert.That(record.Time, Is.EqualTo((clock.GetUtcNow().ToUnixTimeMilliseconds() * 1000) - 1_000_000));
        Assert.That(record.From, Is.EqualTo((7L, NetEndpoint.None)));
    }

    [Test]
    public void Only_the_latest_are_remembered()
    {
        var messages = new Messages(TimeProvider.System);
        for (int i = 0; i <= Messages.Remembered; i++)
            Receive(messages, i, peer: 1);

        Assert.That(messages.Find(IdOf(0)), Is.Null);
        Assert.That(messages.Find(IdOf(1)), Is.Not.Null);
        Assert.That(messages.Find(IdOf(Messages.Remembered)), Is.Not.Null);
    }

    private static void Receive(Messages messages, int number, long peer) =>
        messages.NoteReceived(new ReceivedMessage([], IdOf(number), peer, NetEndpoint.None), Verdict.Propagate);

    private static MessageId IdOf(int number) => MessageId.Compute(BitConverter.GetBytes(number));
}
