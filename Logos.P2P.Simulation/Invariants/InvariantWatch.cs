using Logos.P2P.Simulation.Engine;
using Logos.P2P.Simulation.Nodes;

namespace Logos.P2P.Simulation.Invariants;

/// <summary>
/// Looks every second of virtual time whether all that must be true of a network is: of all nodes of a small one, and of the
/// nodes of a large one in turn. Besides, a node that logs an error is a
/// violation (<see cref="FaultLog"/>), a message that is delivered twice (<see cref="MessageLog"/>), and one that does not
/// arrive where a scenario says that it must.
/// </summary>
internal sealed class InvariantWatch : ISimulationEvent
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Nodes looked at each time, in turn: to look at all thousands each second would take longer than their work.</summary>
    private const int NodesAtOnce = 100;

    private readonly SimulatedNetwork _network;
    private readonly IReadOnlyList<IInvariant> _invariants;
    private int _next;

    private InvariantWatch(SimulatedNetwork network, IReadOnlyList<IInvariant> invariants)
    {
        _network = network;
        _invariants = invariants;
    }

    /// <summary>Watches a network from now on.</summary>
    public static void Start(SimulatedNetwork network)
    {
        var banned = new BannedAddresses(network);
        network.Internet.Watcher = banned;
        Start(network, [new BoundedTables(network), new ByteAccounts(), banned]);
    }

    /// <summary>Watches something of a network from now on.</summary>
    public static void Start(SimulatedNetwork network, IReadOnlyList<IInvariant> invariants) =>
        new InvariantWatch(network, invariants).PlanNext();

    public void Happen()
    {
        SimulatedNode[] nodes = TakeNext();
        foreach (string violation in _invariants.SelectMany(invariant => invariant.Check(nodes)))
            _network.Violate(violation);
        PlanNext();
    }

    /// <summary>The nodes whose turn it is.</summary>
    private SimulatedNode[] TakeNext()
    {
        int all = _network.Nodes.Count, count = Math.Min(all, NodesAtOnce);
        var next = Enumerable.Range(_next, count).Select(index => _network.Nodes[index % all]);
        _next = (_next + count) % Math.Max(1, all);
        return [.. next.Where(node => node.Node?.Inside is not null)];
    }

    private void PlanNext() => _network.Loop.At(_network.Loop.Now + Interval, this);
}
