using System.Buffers.Binary;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Wire;

public sealed class P2PNetworkTests
{
    private static readonly TestCaseData[] Networks =
    [
        new(P2PNetwork.Main, "f9beb4d9", (ushort)14495),
        new(P2PNetwork.Test, "0b110907", (ushort)14496),
        new(P2PNetwork.Regtest, "fabfb5da", (ushort)14497),
    ];

    [TestCaseSource(nameof(Networks))]
    public void A_network_has_its_magic_and_port(P2PNetwork network, string magic, ushort port)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, network.Magic());

        Assert.That(WireBytes.Hex(bytes), Is.EqualTo(magic));
        Assert.That(network.DefaultPort(), Is.EqualTo(port));
    }

    [Test]
    public void Every_network_is_in_the_table()
    {
        Assert.That(Networks.Select(n => n.Arguments[0]), Is.EquivalentTo(Enum.GetValues<P2PNetwork>()));
    }

    [Test]
    public void A_network_that_does_not_exist_has_neither()
    {
        Assert.That(() => ((P2PNetwork)3).Magic(), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => ((P2PNetwork)3).DefaultPort(), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }
}
