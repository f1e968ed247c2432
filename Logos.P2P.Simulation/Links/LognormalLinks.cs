namespace Logos.P2P.Simulation.Links;

/// <summary>Each pair of hosts has a delay of its own, lognormally distributed, as round trips over the Internet are.</summary>
/// <param name="Median">Half of the links are faster, one way.</param>
/// <param name="Sigma">The standard deviation of the logarithm.</param>
/// <param name="Seed">What the delays are a function of, with the hosts.</param>
internal sealed record LognormalLinks(TimeSpan Median, double Sigma, ulong Seed) : LinkModel
{
    /// <summary>No two machines are nearer than the length of a cable in a rack.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromMicroseconds(50);

    public override TimeSpan Latency(SimulatedHost from, SimulatedHost to)
    {
        (int low, int high) = from.Index < to.Index ? (from.Index, to.Index) : (to.Index, from.Index);
        ulong pair = PairRandom.Mix(Seed, (ulong)low, (ulong)high);
        TimeSpan delay = Median * Math.Exp(Sigma * PairRandom.Normal(pair));
        return delay > Least ? delay : Least;
    }
}
