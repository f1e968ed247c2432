namespace Logos.P2P.Simulation.Nodes;

/// <summary>What every node's upper layer makes of a message.</summary>
/// <param name="IsImportant">Whether it is given to those who come later.</param>
/// <param name="Key">Of the important ones with the same key only the last is; 0 for none.</param>
/// <param name="IsUrgent">Whether each node is sent two copies.</param>
internal readonly record struct MessageTraits(bool IsImportant = false, ulong Key = 0, bool IsUrgent = false);

/// <summary>One message on its way through a network: who had it when.</summary>
/// <param name="number">Which one it is, from 0.</param>
/// <param name="origin">The node that sent it.</param>
/// <param name="sentAt">When.</param>
/// <param name="size">Its bytes.</param>
/// <param name="nodes">How many nodes there are.</param>
/// <param name="traits">What it is to the upper layer.</param>
internal sealed class SimulatedMessage(
    int number, int origin, TimeSpan sentAt, int size, int nodes, MessageTraits traits = default)
{
    private readonly long[] _arrivedAt = [.. Enumerable.Repeat(-1L, nodes)];
    private readonly ushort[] _hops = new ushort[nodes];
    private readonly int[] _lives = new int[nodes];

    public int Number => number;

    public int Origin => origin;

    public TimeSpan SentAt => sentAt;

    public int Size => size;

    public MessageTraits Traits => traits;

    /// <summary>How many nodes have it.</summary>
    public int Reached { get; private set; }

    public bool HasReached(int node) => _arrivedAt[node] >= 0;

    /// <summary>In which of its lives a node got it.</summary>
    public int LifeAt(int node) => _lives[node];

    public TimeSpan DelayTo(int node) => new(_arrivedAt[node] - sentAt.Ticks);

    /// <summary>Over how many connections it came.</summary>
    public int HopsTo(int node) => _hops[node];

    /// <summary>A node has it now, for the first time or the first time in this life.</summary>
    public void Arrive(int node, int life, int hops, TimeSpan at)
    {
        _lives[node] = life;
        if (HasReached(node))
            return;
        _arrivedAt[node] = at.Ticks;
        _hops[node] = (ushort)hops;
        Reached++;
    }
}
