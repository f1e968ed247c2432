using Logos.P2P.Dialing;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Dialing;

/// <summary>Bitcoin Core's `netbase_tests.cpp`, isbadport.</summary>
internal sealed class BadPortsTests
{
    [TestCase(1, true)]
    [TestCase(22, true)]
    [TestCase(25, true)]
    [TestCase(6000, true)]
    [TestCase(6667, true)]
    [TestCase(27017, true)]
    [TestCase(0, false)]
    [TestCase(80, false)]
    [TestCase(443, false)]
    [TestCase(8333, false)]
    [TestCase(8444, false)]
    public void Ports_of_other_services_are_bad(int port, bool isBad) =>
        Assert.That(BadPorts.Contains((ushort)port), Is.EqualTo(isBad));

    [Test]
    public void Of_all_ports_85_are_bad() =>
        Assert.That(Enumerable.Range(0, 65_536).Count(port => BadPorts.Contains((ushort)port)), Is.EqualTo(85));

    [Test]
    public void Our_own_ports_are_good() =>
        Assert.That(Enum.GetValues<P2PNetwork>().Select(network => BadPorts.Contains(network.DefaultPort())), Is.All.False);
}
