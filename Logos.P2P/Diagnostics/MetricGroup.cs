namespace Logos.P2P.Diagnostics;

/// <summary>What is measured together, and switched on and off together: see <see cref="NodeMeters"/>.</summary>
public enum MetricGroup
{
    /// <summary>Traffic by command and direction, connections, queues, what was dropped and why. `net` on the command line.</summary>
    Network,

    /// <summary>Messages: how many, how many came twice, how long they took, how old they are. `gossip`.</summary>
    Gossip,

    /// <summary>The address book and the bans. `addr`.</summary>
    Addresses,

    /// <summary>Memory by owner. `mem`.</summary>
    Memory,
}
