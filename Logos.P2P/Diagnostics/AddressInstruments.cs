using System.Diagnostics.Metrics;
using Logos.P2P.AddrMan;
using Logos.P2P.Wire;

namespace Logos.P2P.Diagnostics;

/// <summary>What is measured of the address book and the bans.</summary>
internal static class AddressInstruments
{
    private static readonly NetworkId[] Networks =
        [NetworkId.IPv4, NetworkId.IPv6, NetworkId.TorV3, NetworkId.I2P, NetworkId.Cjdns];

    public static void Create(Meter meter, P2PNode node)
    {
        meter.CreateObservableUpDownCounter(
            "logos.p2p.addresses", () => Addresses(node), "{address}",
            "Addresses in the book: only heard of (new), and those that once answered (tried).");
        meter.CreateObservableUpDownCounter("logos.p2p.bans", () => node.GetBans().Count, "{ban}", "Bans in force.");
    }

    private static IEnumerable<Measurement<long>> Addresses(P2PNode node)
    {
        if (node.Inside is not { } running)
            yield break;
        foreach (NetworkId network in Networks)
        {
            NetworkCount count = running.Book.CountOf(network);
            var type = new KeyValuePair<string, object?>("network.type", network.ToString().ToLowerInvariant());
            yield return new Measurement<long>(count.New, type, new("logos.table", "new"));
            yield return new Measurement<long>(count.Tried, type, new("logos.table", "tried"));
        }
    }
}
