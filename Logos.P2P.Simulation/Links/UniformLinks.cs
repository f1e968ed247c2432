namespace Logos.P2P.Simulation.Links;

/// <summary>The same delay everywhere.</summary>
/// <param name="Delay">One way.</param>
internal sealed record UniformLinks(TimeSpan Delay) : LinkModel
{
    public override TimeSpan Latency(SimulatedHost from, SimulatedHost to) => Delay;
}
