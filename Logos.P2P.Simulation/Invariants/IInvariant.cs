using Logos.P2P.Simulation.Nodes;

namespace Logos.P2P.Simulation.Invariants;

/// <summary>Something that must be true of a network at any time, whatever befalls it.</summary>
internal interface IInvariant
{
    /// <summary>Asked every second of virtual time, between events.</summary>
    /// <param name="nodes">The nodes to look at, which run.</param>
    /// <returns>What is wrong: nothing, as a rule.</returns>
    IEnumerable<string> Check(IReadOnlyList<SimulatedNode> nodes);
}
