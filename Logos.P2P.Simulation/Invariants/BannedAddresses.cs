using System.Runtime.CompilerServices;
using Logos.P2P.Simulation.Links;
using Logos.P2P.Simulation.Nodes;
using Logos.P2P.Wire;

namespace Logos.P2P.Simulation.Invariants;

/// <summary>No node passes on an address that it has banned: reads all that nodes with bans send.</summary>
internal sealed class BannedAddresses(SimulatedNetwork network) : IInvariant, ISendWatcher
{
    /// <summary>How long what was in a queue at the time of the ban may take to leave.</summary>
    private static readonly TimeSpan Queued = TimeSpan.FromSeconds(2);

    private readonly ConditionalWeakTable<SimulatedConnection, SentAddresses> _streams = [];
    private readonly List<string> _found = [];

    public IEnumerable<string> Check(IReadOnlyList<SimulatedNode> nodes)
    {
        string[] found = [.. _found];
        _found.Clear();
        return found;
    }

    public void Sent(SimulatedConnection connection, ReadOnlySpan<byte> bytes)
    {
        // An attacker's machine passes on what it likes.
        if (network.NodeAt(connection.Here.Address) is not { } node)
            return;
        SentAddresses stream = _streams.GetOrCreateValue(connection);
        foreach (TimedAddress address in stream.Read(bytes))
            Note(node, address.Endpoint.Address);
    }

    private void Note(SimulatedNode node, NetAddress address)
    {
        DateTimeOffset banned = network.Loop.Clock.GetUtcNow() - Queued;
        foreach (Ban ban in node.Node?.GetBans() ?? [])
        {
            if (ban.CreatedAt < banned && ban.Hosts.Contains(address))
                _found.Add($"Node {node.Index} passed on {address}, which it has banned.");
        }
    }
}
