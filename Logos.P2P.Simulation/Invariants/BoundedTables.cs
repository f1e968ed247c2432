using Logos.P2P.AddrMan;
using Logos.P2P.Diagnostics;
using Logos.P2P.Peers;
using Logos.P2P.Simulation.Nodes;

namespace Logos.P2P.Simulation.Invariants;

/// <summary>No table of a node is over its bound.</summary>
internal sealed class BoundedTables(SimulatedNetwork network) : IInvariant
{
    /// <summary>Ids in both generations, with the room that chance needs: an eighth is more than the node takes.</summary>
    private const long MaxSeenMessages = NodeDefaults.SeenMessages * 5L / 4;

    private int _nextBook;

    public IEnumerable<string> Check(IReadOnlyList<SimulatedNode> nodes) => nodes
        .SelectMany(node => Check(node, node.Node!.Inside!).Select(what => $"Node {node.Index}: {what}"))
        .Concat(CheckNextBook());

    /// <summary>What of a node's memory is over its bound.</summary>
    public static IEnumerable<string> Check(MemoryAccount memory)
    {
        (string Owner, MemoryUse Use)[] owners =
        [
            ("frames", memory.Frames), ("send queues", memory.SendQueues), ("incomplete frames", memory.IncompleteFrames),
            ("handler queues", memory.HandlerQueues), ("message store", memory.MessageStore),
            ("important messages", memory.ImportantMessages),
            ("pending requests", memory.PendingRequests), ("relay", memory.Relay),
            ("unused frames", memory.UnusedFrames), ("seen messages", memory.SeenMessages),
            ("address book", memory.AddressBook), ("peers", memory.Peers),
        ];
        foreach ((string owner, MemoryUse use) in owners)
        {
            if (use.Bytes > use.Capacity)
                yield return $"{owner} occupy {use.Bytes} bytes of {use.Capacity}.";
        }

        if (memory.SeenMessages.Entries > MaxSeenMessages)
            yield return $"{memory.SeenMessages.Entries} ids of messages are remembered.";
        if (memory.AddressBook.Entries > AddrManParameters.Capacity)
            yield return $"{memory.AddressBook.Entries} addresses are in the book.";
    }

    private static IEnumerable<string> Check(SimulatedNode node, RunningNode inside)
    {
        P2POptions options = node.Options;
        Peer[] open = [.. inside.Peers.All.Where(peer => peer.Reason == DisconnectReason.None)];
        (ConnectionKind Kind, int Most)[] bounds =
        [
            // One newcomer on trial may be there besides.
            (ConnectionKind.Outbound, options.MaxOutbound + 1), (ConnectionKind.Quiet, options.MaxQuiet),
            (ConnectionKind.Feeler, options.MaxFeelers), (ConnectionKind.AddrFetch, NodeDefaults.MaxAddrFetches),
            (ConnectionKind.Manual, Math.Max(options.Connect.Count, NodeDefaults.ManualConnections)),
            (ConnectionKind.Inbound, options.MaxConnections),
        ];
        foreach ((ConnectionKind kind, int most) in bounds)
        {
            int count = open.Count(peer => peer.Kind == kind);
            if (count > most)
                yield return $"{count} peers of kind {kind}, and {most} are allowed.";
        }

        if (open.Length > options.MaxConnections)
            yield return $"{open.Length} peers, and {options.MaxConnections} are allowed.";
        if (node.Node!.GetBans().Count > NodeDefaults.MaxBans)
            yield return $"{node.Node.GetBans().Count} bans.";
        foreach (string what in Check(inside.GetMemory()))
            yield return what;
    }

    /// <summary>Whether an address book agrees with itself takes a while to see: one node's each time, in turn.</summary>
    private IEnumerable<string> CheckNextBook()
    {
        SimulatedNode node = network.Nodes[_nextBook++ % network.Nodes.Count];
        string? broken = null;
        try
        {
            node.Node?.Inside?.Book.Check();
        }
        catch (InvalidOperationException e)
        {
            broken = e.Message;
        }

        return broken is null ? [] : [$"Node {node.Index}: {broken}"];
    }
}
