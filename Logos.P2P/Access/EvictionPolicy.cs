using Logos.P2P.Wire;

namespace Logos.P2P.Access;

/// <summary>
/// Which inbound peer has to go when another one knocks and all slots are taken. Bitcoin Core's rules: protect those who
/// are best at something that an attacker would have to beat us at everywhere, and then evict from the neighbourhood
/// with the most connections. Where Core has classes for transactions and blocks, this has one for accepted messages.
/// </summary>
/// <remarks>
/// Of n peers who may go at all, the fixed classes protect min(n, 20) and half of the rest stays: nobody is evicted up to
/// 20, and somebody always is from 21 on.
/// </remarks>
internal static class EvictionPolicy
{
    /// <summary>Protected because of their neighbourhood, that an attacker cannot compute. Bitcoin Core's number.</summary>
    public const int ProtectedByGroup = 4;

    /// <summary>Protected because they are near: being nearer is bound to a place. Bitcoin Core's number.</summary>
    public const int ProtectedByRoundTrip = 8;

    /// <summary>
    /// Protected because they last brought a message before all others did: useful, and dear to pretend. Bitcoin Core has
    /// three classes of 4 to 8; one kind of message needs one.
    /// </summary>
    public const int ProtectedByDelivery = 8;

    /// <summary>How many are protected whatever else is so.</summary>
    public const int AlwaysProtected = ProtectedByGroup + ProtectedByRoundTrip + ProtectedByDelivery;

    /// <returns>The peer to evict; null when all are protected.</returns>
    public static long? Choose(IEnumerable<EvictionCandidate> peers)
    {
        List<EvictionCandidate> left = [.. peers.Where(peer => peer.Kind == ConnectionKind.Inbound && !peer.IsNoBan)];
        // From here on whatever is equal is decided in favour of the one who came first.
        left.Sort((a, b) => (a.ConnectedAt, a.Id).CompareTo((b.ConnectedAt, b.Id)));
        Protect(left, left.OrderByDescending(peer => peer.KeyedGroup), ProtectedByGroup);
        Protect(left, left.OrderBy(peer => peer.MinRoundTrip ?? TimeSpan.MaxValue), ProtectedByRoundTrip);
        Protect(left, left.OrderByDescending(peer => peer.LastFirstDelivery), ProtectedByDelivery);
        ProtectByUptime(left);

        // Only now: whoever is among the best at something stays even so.
        if (left.Any(peer => peer.IsDiscouraged))
            left.RemoveAll(peer => !peer.IsDiscouraged);
        return left
            .GroupBy(peer => peer.KeyedGroup)
            .OrderByDescending(group => group.Count())
            .ThenByDescending(group => (group.Last().ConnectedAt, group.Last().Id))
            .FirstOrDefault()?.Last().Id;
    }

    /// <summary>
    /// Protects the longer connected half, since attacks start later. Up to half of these places go first to peers on
    /// networks that lose at round trips: their longest connected, as evenly among the networks as they come.
    /// </summary>
    private static void ProtectByUptime(List<EvictionCandidate> left)
    {
        int places = left.Count / 2;
        int reserved = places / 2;
        int used = 0;
        while (used < reserved)
        {
            IGrouping<NetworkId, EvictionCandidate>[] networks =
                [.. left.Where(IsDisadvantaged).GroupBy(SlowNetworkOf).OrderBy(network => network.Count())];
            if (networks.Length == 0)
                break;
            int each = Math.Max(1, (reserved - used) / networks.Length);
            foreach (IGrouping<NetworkId, EvictionCandidate> network in networks)
                used += Protect(left, network, Math.Min(each, reserved - used));
        }

        Protect(left, left, places - used);
    }

    private static bool IsDisadvantaged(EvictionCandidate peer) =>
        peer.IsLocal || peer.Network is NetworkId.TorV3 or NetworkId.I2P or NetworkId.Cjdns;

    /// <summary>What connects from this machine is a network of its own.</summary>
    private static NetworkId SlowNetworkOf(EvictionCandidate peer) => peer.IsLocal ? NetworkId.IPv4 : peer.Network;

    /// <summary>Takes the best of some order out of those who may be evicted.</summary>
    /// <returns>How many.</returns>
    private static int Protect(List<EvictionCandidate> left, IEnumerable<EvictionCandidate> order, int count)
    {
        HashSet<long> best = [.. order.Take(count).Select(peer => peer.Id)];
        return left.RemoveAll(peer => best.Contains(peer.Id));
    }
}
