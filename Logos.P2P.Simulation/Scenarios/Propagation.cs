using Logos.P2P.Simulation.Nodes;

namespace Logos.P2P.Simulation.Scenarios;

/// <summary>Some nodes send messages in turn: how fast they are everywhere, and at what price.</summary>
internal sealed class Propagation : Scenario
{
    public override string Name => "propagation";

    public override string Summary => "How fast messages are everywhere, over how many connections, and at what price.";

    internal override void Play(ScenarioRun run)
    {
        NetworkFactory.BringUp(run.Network);
        run.Send(run.Parameters.Warmup);
        run.StartMeasuring();
        run.Send(run.Parameters.Messages);
    }
}
