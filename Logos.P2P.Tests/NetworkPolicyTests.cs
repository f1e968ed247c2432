using Logos.P2P.AddrMan;
using Logos.P2P.Tests.AddrMan;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests;

internal sealed class NetworkPolicyTests
{
    private const string Public = "8.8.8.8";
    private const string PublicV6 = "2a00:1450::1";
    private const string Private = "192.168.1.1";
    private const string PrivateV6 = "fd00::1";
    private const string Loopback = "127.0.0.1";
    private const string Documentation = "192.0.2.1";

    [Test]
    public void A_map_of_autonomous_systems_groups_what_it_knows_and_gives_the_grouping_another_name()
    {
        var map = new Asmap(AsmapVectors.Small);
        var plain = new NetworkPolicy(P2PNetwork.Main, privateNet: false);
        var mapped = new NetworkPolicy(P2PNetwork.Main, privateNet: false, map);

        Assert.That(GroupOf(plain, "250.1.1.1"), Is.Not.EqualTo(GroupOf(plain, "250.2.1.1")));
        Assert.That(GroupOf(mapped, "250.1.1.1"), Is.EqualTo(GroupOf(mapped, "250.2.1.1")), "Both are AS1000.");
        Assert.That(mapped.GroupingName, Does.StartWith(plain.GroupingName).And.EndWith(map.Version));

        static NetGroup GroupOf(NetworkPolicy policy, string host) =>
            policy.Grouping.GroupOf(NetEndpoint.TryParse(host, 1, out NetEndpoint endpoint) ? endpoint : default);
    }

    private static IEnumerable<TestCaseData> Routable()
    {
        (P2PNetwork Network, bool PrivateNet, string[] Routable)[] rows =
        [
            (P2PNetwork.Main, false, [Public, PublicV6]),
            (P2PNetwork.Test, false, [Public, PublicV6]),
            (P2PNetwork.Main, true, [Public, PublicV6, Private, PrivateV6]),
            (P2PNetwork.Test, true, [Public, PublicV6, Private, PrivateV6]),
            (P2PNetwork.Regtest, false, [Public, PublicV6, Private, PrivateV6, Loopback, "::1", Documentation]),
            (P2PNetwork.Regtest, true, [Public, PublicV6, Private, PrivateV6, Loopback, "::1", Documentation]),
        ];
        string[] all =
        [
            Public, PublicV6, Private, PrivateV6, Loopback, "::1", Documentation, "255.255.255.255", "198.18.0.1", "::",
        ];
        foreach ((P2PNetwork network, bool privateNet, string[] routable) in rows)
        {
            foreach (string host in all)
                yield return new TestCaseData(network, privateNet, host, routable.Contains(host));
        }
    }

    [TestCaseSource(nameof(Routable))]
    public void What_counts_as_an_address_depends_on_the_network(
        P2PNetwork network, bool privateNet, string host, bool isRoutable) =>
        Assert.That(new NetworkPolicy(network, privateNet).IsRoutable(Book.Host(host)), Is.EqualTo(isRoutable));

    [TestCase(P2PNetwork.Main, false, Public, Public, true)]
    [TestCase(P2PNetwork.Main, false, Public, Private, true)]
    [TestCase(P2PNetwork.Main, false, Private, Public, false)]
    [TestCase(P2PNetwork.Main, false, Private, Private, false)]
    [TestCase(P2PNetwork.Main, true, Private, Private, true)]
    [TestCase(P2PNetwork.Main, true, Private, Public, false)]
    [TestCase(P2PNetwork.Main, true, PrivateV6, Public, false)]
    [TestCase(P2PNetwork.Main, true, Loopback, Private, false)]
    [TestCase(P2PNetwork.Regtest, false, Loopback, Loopback, true)]
    [TestCase(P2PNetwork.Regtest, false, Private, Loopback, true)]
    [TestCase(P2PNetwork.Regtest, false, Private, Public, false)]
    [TestCase(P2PNetwork.Regtest, false, Loopback, PublicV6, false)]
    public void Private_addresses_are_told_to_private_peers_only(
        P2PNetwork network, bool privateNet, string address, string peer, bool mayTell) => Assert.That(
        new NetworkPolicy(network, privateNet).MayTell(Book.Host(address), Book.Host(peer)), Is.EqualTo(mayTell));

    [TestCase(P2PNetwork.Main, false, "8.8.1.1", "8.8.2.2", true)]
    [TestCase(P2PNetwork.Main, false, "8.8.1.1", "8.9.1.1", false)]
    [TestCase(P2PNetwork.Main, true, "8.8.1.1", "8.8.2.2", true)]
    [TestCase(P2PNetwork.Main, true, "192.168.1.1", "192.168.1.2", false)]
    [TestCase(P2PNetwork.Main, true, "10.0.0.1", "192.168.1.2", false)]
    [TestCase(P2PNetwork.Test, true, "fd00::1", "fd00::2", false)]
    [TestCase(P2PNetwork.Regtest, false, "127.0.0.1", "127.0.0.2", false)]
    public void A_neighbourhood_is_a_prefix_except_where_prefixes_mean_nothing(
        P2PNetwork network, bool privateNet, string one, string other, bool isSame)
    {
        INetGrouping grouping = new NetworkPolicy(network, privateNet).Grouping;

        Assert.That(
            grouping.GroupOf(Book.Endpoint(one)) == grouping.GroupOf(Book.Endpoint(other)), Is.EqualTo(isSame));
    }

    [Test]
    public void Only_regtest_is_in_a_hurry()
    {
        var main = new NetworkPolicy(P2PNetwork.Main, false);
        var regtest = new NetworkPolicy(P2PNetwork.Regtest, false);

        Assert.That(main.AddressFlushMean, Is.EqualTo(TimeSpan.FromSeconds(30)));
        Assert.That(main.SelfAdvertisementFirst, Is.EqualTo(TimeSpan.FromHours(24)));
        Assert.That(main.RelayPeriodSeconds, Is.EqualTo(24 * 60 * 60));
        Assert.That(main.AddressFlushInterval, Is.EqualTo(TimeSpan.FromSeconds(5)));
        Assert.That(regtest.AddressFlushMean, Is.LessThan(main.AddressFlushMean));
        Assert.That(regtest.SelfAdvertisementFirst, Is.LessThan(main.SelfAdvertisementFirst));
        Assert.That(regtest.RelayPeriodSeconds, Is.LessThan(main.RelayPeriodSeconds));
        Assert.That(regtest.AddressFlushInterval, Is.LessThan(main.AddressFlushInterval));
    }
}
