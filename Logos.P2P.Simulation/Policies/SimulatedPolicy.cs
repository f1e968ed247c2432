namespace Logos.P2P.Simulation.Policies;

/// <summary>How the nodes of a simulation relay: the node's own ways, and those of others that they are compared with.</summary>
public enum SimulatedPolicy
{
    /// <summary><see cref="RelayMode.Tree"/>.</summary>
    Tree,

    /// <summary><see cref="RelayMode.Eager"/>.</summary>
    Eager,

    /// <summary><see cref="RelayMode.Push"/>.</summary>
    Push,

    /// <summary><see cref="RelayMode.Inv"/>.</summary>
    Inv,

    /// <summary>A mesh like gossipsub's: payloads to eight fixed peers, announcements to the others. See <see cref="MeshPolicy"/>.</summary>
    Mesh,

    /// <summary>One tree for all origins, as in "Epidemic Broadcast Trees" (Leitão, Pereira, Rodrigues, 2007).</summary>
    Plumtree,
}
