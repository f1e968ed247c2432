using Logos.P2P.Addresses;
using Logos.P2P.Tests.AddrMan;
using NUnit.Framework;

namespace Logos.P2P.Tests.Addresses;

/// <summary>Bitcoin Core's `GetReachabilityFrom`, and its rule against telling across networks that hide who one is.</summary>
internal sealed class ReachabilityRuleTests
{
    private const string V4 = "50.1.1.1";
    private const string V6 = "2a00:1450::1";
    private const string SixToFour = "2002:3201:101::1";
    private const string Teredo = "2001:0:3201:101::1";
    private const string Onion = "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion";
    private const string I2P = "ukeu3k5oycgaauneqgtnvselmt4yemvoilkln7jpvamvfx7dnkdq.b32.i2p";
    private const string Cjdns = "fc00:1:2:3:4:5:6:7";

    /// <summary>From the peer's network to ours, worst to best.</summary>
    [TestCase(V4, new[] { V6, V4 })]
    [TestCase(V4, new[] { Teredo, V4 })]
    [TestCase(V6, new[] { Cjdns, Teredo, SixToFour, V4, V6 })]
    [TestCase(SixToFour, new[] { Cjdns, Teredo, SixToFour, V4, V6 })]
    [TestCase(Teredo, new[] { Cjdns, Teredo, V6, V4 })]
    [TestCase(Teredo, new[] { Cjdns, Teredo, SixToFour, V4 })]
    [TestCase(Cjdns, new[] { V4, Cjdns })]
    [TestCase(Cjdns, new[] { V6, Cjdns })]
    [TestCase("10.1.1.1", new[] { V6, V4, "10.1.1.2" })]
    [TestCase("fd00::1", new[] { V4, V6, "fd00::2" })]
    public void A_peer_reaches_them_in_this_order(string peer, string[] own)
    {
        Reachability[] judged = [.. own.Select(one => Judge(one, peer))];

        Assert.That(judged, Is.Ordered);
        Assert.That(judged, Is.Unique);
        Assert.That(judged, Has.None.EqualTo(Reachability.None));
    }

    [TestCase(Onion)]
    [TestCase(I2P)]
    public void An_address_of_a_network_that_hides_us_stays_there_and_no_other_gets_there(string hidden)
    {
        Assert.That(Judge(hidden, hidden), Is.EqualTo(Reachability.SameClosedNetwork));
        foreach (string other in new[] { V4, V6, SixToFour, Teredo, Onion, I2P, Cjdns, "10.1.1.1" }.Where(one => one != hidden))
        {
            Assert.That(Judge(hidden, other), Is.EqualTo(Reachability.None), $"ours to {other}");
            Assert.That(Judge(other, hidden), Is.EqualTo(Reachability.None), $"{other} to it");
        }
    }

    private static Reachability Judge(string own, string peer) =>
        ReachabilityRule.Judge(Book.Host(own), Book.Host(peer));
}
