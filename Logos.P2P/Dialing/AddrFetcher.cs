using Logos.P2P.Discovery;
using Logos.P2P.Peers;
using Logos.P2P.Wire;

namespace Logos.P2P.Dialing;

/// <summary>Dials the peers that are to be asked for addresses and left again, each once, a few at a time.</summary>
internal sealed class AddrFetcher(
    NodeContext node, Connector connector, NamedPeers names, AddrFetchQueue queue, DialTasks<string> tasks)
{
    private TimeSpan _nextDial;

    public void Tick(TimeSpan now)
    {
        if (now < _nextDial || tasks.Count >= node.Settings.MaxAddrFetches || !queue.TryTake(out string? peer))
            return;
        _nextDial = now + NodeDefaults.DialInterval;
        tasks.TryStart(peer, () => FetchAsync(peer));
    }

    /// <summary>
    /// Asks one of the hosts behind a name: the first that answers. Who was named by his address is asked on any network, as manual peers
    /// are; those of the book are on networks that we dial anyway.
    /// </summary>
    private async Task FetchAsync(string peer)
    {
        bool isOnAny = names.IsAddress(peer);
        foreach (NetEndpoint endpoint in await names.ResolveAsync(peer))
        {
            if ((isOnAny || node.Settings.Dials(endpoint.Address.Network))
                && !node.Local.IsOwn(endpoint)
                && !node.Discouragement.Contains(endpoint.Address)
                && connector.Table.TryClaim(endpoint, ConnectionKind.AddrFetch)
                && await connector.DialAsync(endpoint, ConnectionKind.AddrFetch))
            {
                return;
            }
        }
    }
}
