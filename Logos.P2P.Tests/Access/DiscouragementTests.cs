using System.Buffers.Binary;
using Logos.P2P.Access;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Access;

internal sealed class DiscouragementTests
{
    [Test]
    public void Whoever_was_added_is_known_and_nobody_else()
    {
        var discouragement = new Discouragement();
        discouragement.Add(Host(1));

        Assert.That(discouragement.Contains(Host(1)), Is.True);
        Assert.That(discouragement.Contains(Host(2)), Is.False);
    }

    [Test]
    [Category("Slow")]
    public void The_latest_offenders_are_remembered_and_memory_is_bounded()
    {
        const int generation = NodeDefaults.DiscouragedPerGeneration;
        var discouragement = new Discouragement();
        for (int i = 0; i < 10 * generation; i++)
            discouragement.Add(Host(i));

        int known = Enumerable.Range(0, 10 * generation).Count(i => discouragement.Contains(Host(i)));
        Assert.That(known, Is.InRange(generation, 2 * generation));
        Assert.That(
            Enumerable.Range(9 * generation, generation).Select(i => discouragement.Contains(Host(i))), Is.All.True);
    }

    [Test]
    public void Offending_again_pushes_nobody_out()
    {
        const int generation = NodeDefaults.DiscouragedPerGeneration;
        var discouragement = new Discouragement();
        for (int i = 0; i < 2 * generation; i++)
            discouragement.Add(Host(i));
        for (int i = 0; i < 10; i++)
            discouragement.Add(Host((2 * generation) - 1));

        Assert.That(
            Enumerable.Range(0, 2 * generation).Select(i => discouragement.Contains(Host(i))), Is.All.True);
        discouragement.Add(Host(2 * generation));
        Assert.That(discouragement.Contains(Host(generation - 1)), Is.False, "One more, and the old generation goes.");
        Assert.That(discouragement.Contains(Host(generation)), Is.True);
    }

    [Test]
    public void Exactly_the_reasons_that_speak_against_the_peer_discourage_it()
    {
        DisconnectReason[] deserving = [.. Enum.GetValues<DisconnectReason>().Where(Discouragement.IsDeservedBy)];

        Assert.That(
            deserving,
            Is.EquivalentTo(new[]
            {
                DisconnectReason.WrongMagic, DisconnectReason.Oversize, DisconnectReason.HandshakeViolation,
                DisconnectReason.TooManyAddresses, DisconnectReason.TooMuchInventory, DisconnectReason.RejectedMessage,
                DisconnectReason.WrongChunkList,
            }));
    }

    private static NetAddress Host(int number)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, 0x0A000000 + number);
        Assert.That(NetAddress.TryCreate(NetworkId.IPv4, bytes, out NetAddress address));
        return address;
    }
}
