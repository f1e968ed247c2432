using System.Runtime.CompilerServices;
using Logos.P2P.Peers;
using Logos.P2P.Simulation.Links;
using Logos.P2P.Simulation.Nodes;

namespace Logos.P2P.Simulation.Invariants;

/// <summary>
/// Byte accounts add up. What a peer was sent by its counters is what its connection took and what waits; nobody received more
/// than the other end sent; a node's counters are those of its peers, present and past.
/// </summary>
internal sealed class ByteAccounts : IInvariant
{
    private readonly ConditionalWeakTable<P2PNode, Past> _past = [];

    public IEnumerable<string> Check(IReadOnlyList<SimulatedNode> nodes) => nodes
        .SelectMany(node => Check(node, node.Node!).Select(what => $"Node {node.Index}: {what}"));

    /// <summary>What does not add up at one peer.</summary>
    /// <param name="peer">The peer, whose connection is open.</param>
    /// <param name="sentByOther">What the other end's connection took; null when that is not known.</param>
    public static IEnumerable<string> Check(PeerInfo peer, long? sentByOther)
    {
        long counted = peer.Traffic.TotalBytesSent;
        if (counted != peer.BytesSent + peer.BytesQueued)
        {
            yield return $"peer {peer.Id} was sent {counted} bytes by its counters, its connection took {peer.BytesSent}, "
                + $"and {peer.BytesQueued} wait.";
        }

        if (peer.BytesReceived > sentByOther)
            yield return $"peer {peer.Id} sent {sentByOther} bytes, of which {peer.BytesReceived} were received.";
    }

    private IEnumerable<string> Check(SimulatedNode node, P2PNode running)
    {
        var sentByOther = new Dictionary<(Wire.NetEndpoint Local, Wire.NetEndpoint Remote), long>();
        foreach (SimulatedConnection connection in node.Host.Connections)
            sentByOther[(connection.LocalEndpoint, connection.RemoteEndpoint)] = connection.Other.BytesSent;
        long present = 0;
        foreach (Peer peer in running.Inside!.Peers.All)
        {
            present += peer.Traffic.TotalBytesSent;
            if (peer.Reason != DisconnectReason.None)
                continue;
            // A connection that broke has lost what waited, and a peer that is held back learns of it only when it is read from.
            if (!sentByOther.TryGetValue((peer.LocalEndpoint, peer.Endpoint), out long sent))
                continue;
            foreach (string what in Check(peer.ToInfo(), sent))
                yield return what;
        }

        long past = running.Metrics.Traffic.TotalBytesSent - present;
        Past before = _past.GetOrCreateValue(running);
        if (past < before.Bytes)
            yield return $"its peers of the past were sent {past} bytes in all, after {before.Bytes}.";
        before.Bytes = past;
    }

    /// <summary>What the peers of a node that have left were sent in all.</summary>
    private sealed class Past
    {
        public long Bytes { get; set; }
    }
}
