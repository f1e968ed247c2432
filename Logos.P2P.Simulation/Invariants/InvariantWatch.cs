using Logos.P2P.Simulation.Engine;
using Logos.P2P.Simulation.Nodes;

namespace Logos.P2P.Simulation.Invariants;

/// <summary>
/// Looks every second of virtual time whether all that must be true of a network is. Besides, a node that logs an error is a
/// violation (<see cref="FaultLog"/>), a message that is delivered twice (<see cref="MessageLog"/>), and one that does not
/// arrive where a scenario says that it must.
/// </summary>
internal sealed class InvariantWatch : ISimulationEvent
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly SimulatedNetwork _network;
    private readonly IReadOnlyList<IInvariant> _invariants;

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
        Start(network, [new BoundedTables(network), new ByteAccounts(network), banned]);
    }

    /// <summary>Watches something of a network from now on.</summary>
    public static void Start(SimulatedNetwork network, IReadOnlyList<IInvariant> invariants) =>
        new InvariantWatch(network, invariants).PlanNext();

    public void Happen()
    {
        foreach (string violation in _invariants.SelectMany(invariant => invariant.Check()))
            _network.Violate(violation);
        PlanNext();
    }

    private void PlanNext() => _network.Loop.At(_network.Loop.Now + Interval, this);
}
