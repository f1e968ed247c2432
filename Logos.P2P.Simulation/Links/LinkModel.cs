namespace Logos.P2P.Simulation.Links;

/// <summary>How long bytes are on their way between two hosts.</summary>
internal abstract record LinkModel
{
    /// <summary>RFC 6298's least time after which a lost segment is sent again, as Linux has it.</summary>
    public static readonly TimeSpan RetransmissionDelay = TimeSpan.FromMilliseconds(200);

    /// <summary>What a node itself needs before it passes bytes on: 0.05 ms, more than was ever measured here for 4 KiB.</summary>
    public static readonly TimeSpan Processing = TimeSpan.FromMicroseconds(50);

    /// <summary>
    /// How far each delay may differ from the link's own, as a part of it: 0.2 for 20 % more or less, evenly spread.
    /// </summary>
    public double Jitter { get; init; }

    /// <summary>
    /// The part of segments that are lost. TCP sends them again, so what is lost is late; see <see cref="RetransmissionDelay"/>.
    /// </summary>
    public double Loss { get; init; }

    /// <summary>The delay from one host to another without jitter. The same in both directions and always.</summary>
    public abstract TimeSpan Latency(SimulatedHost from, SimulatedHost to);

    /// <summary>The delay of one segment.</summary>
    public TimeSpan Draw(SimulatedHost from, SimulatedHost to, Random random)
    {
        TimeSpan delay = Latency(from, to);
        if (Jitter > 0)
            delay *= 1 + (Jitter * ((2 * random.NextDouble()) - 1));
        while (Loss > 0 && random.NextDouble() < Loss)
            delay += RetransmissionDelay + Latency(from, to);
        return delay + Processing;
    }
}
