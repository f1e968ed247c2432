using Logos.P2P.Relay;

namespace Logos.P2P.Simulation.Policies;

/// <summary>Makes what <see cref="SimulatedPolicy"/> names.</summary>
internal static class SimulatedPolicies
{
    /// <summary>Plumtree's timer: how long a node waits for its tree before it asks, several times what a hop takes.</summary>
    private static readonly TimeSpan PlumtreeWait = TimeSpan.FromMilliseconds(100);

    public static IRelayPolicy Create(SimulatedPolicy policy) => policy switch
    {
        SimulatedPolicy.Tree => RelayPolicies.Create(RelayMode.Tree),
        SimulatedPolicy.Eager => RelayPolicies.Create(RelayMode.Eager),
        SimulatedPolicy.Push => RelayPolicies.Create(RelayMode.Push),
        SimulatedPolicy.Inv => RelayPolicies.Create(RelayMode.Inv),
        SimulatedPolicy.Mesh => new MeshPolicy(),
        // A link is in the tree or it is not, and one superfluous copy takes it out.
        SimulatedPolicy.Plumtree => new TreePolicy(new TreeTuning { IsShared = true, Rate = 1, AskWait = PlumtreeWait }),
        _ => throw new ArgumentOutOfRangeException(nameof(policy), policy, "There is no such way to relay."),
    };
}
