using System.Collections.Immutable;
using Logos.P2P.Peers;
using Logos.P2P.Wire;

namespace Logos.P2P.Dialing;

/// <summary>Keeps up the connections to the operator's peers: each is tried again until it answers.</summary>
internal sealed class ManualDialer(NodeContext node, Connector connector, NamedPeers names, DialTasks<string> tasks)
{
    private readonly DialHistory<string> _history = new(NodeDefaults.ManualRetryMax);

    /// <summary>The operator's peers as far as they are addresses: theirs whether or not they answer.</summary>
    public ImmutableHashSet<NetEndpoint> Reserved { get; } = ParseAddresses(node.Settings);

    public void Tick(TimeSpan now)
    {
        foreach (string peer in node.Settings.ManualPeers)
        {
            // Most of the time all of them are connected, and this is in every beat.
            if (!tasks.IsRunning(peer) && _history.IsDue(peer, now, node.Peers.IsAlone))
                Start(peer);
        }
    }

    private void Start(string peer) => tasks.TryStart(peer, () => DialAsync(peer));

    private async Task DialAsync(string peer)
    {
        bool wasReady = false;
        try
        {
            foreach (NetEndpoint endpoint in await names.ResolveAsync(peer))
            {
                if (node.Local.IsOwn(endpoint) || !connector.Table.TryClaim(endpoint, ConnectionKind.Manual))
                    continue;
                wasReady = await connector.DialAsync(endpoint, ConnectionKind.Manual);
                if (wasReady)
                    break;
            }
        }
        finally
        {
            _history.Note(peer, wasReady, node.Clock.Now, node.Peers.IsAlone);
        }
    }

    private static ImmutableHashSet<NetEndpoint> ParseAddresses(NodeSettings settings)
    {
        ImmutableHashSet<NetEndpoint>.Builder parsed = ImmutableHashSet.CreateBuilder<NetEndpoint>();
        foreach (string peer in settings.ManualPeers)
        {
            if (NetEndpoint.TryParse(peer, settings.Policy.Network.DefaultPort(), out NetEndpoint endpoint))
                parsed.Add(endpoint);
        }

        return parsed.ToImmutable();
    }
}
