using Logos.P2P.Simulation.Nodes;

namespace Logos.P2P.Simulation.Scenarios;

/// <summary>
/// A part of the nodes goes silent all at once: they stay connected, take everything and pass nothing on. What the others' first
/// messages after that meet is measured apart from what they meet when each origin has sent some.
/// </summary>
internal sealed class Silence : Scenario
{
    /// <summary>Messages of each origin until the network has got over it: from the fifth on all is to be as before.</summary>
    private const int MessagesToRecover = 4;

    public override string Name => "silence";

    public override string Summary => "A part of the nodes takes everything and passes nothing on from one moment on.";

    public override ScenarioParameters Defaults { get; } = new() { Messages = 64, Warmup = 160, Churn = 0.1 };

    internal override void Play(ScenarioRun run)
    {
        NetworkFactory.BringUp(run.Network);
        run.Send(run.Parameters.Warmup);
        foreach (SimulatedNode node in run.DrawOthers(run.Parameters.Churn))
            node.FallSilent();
        run.StartMeasuring();
        run.Send(run.OriginCount);
        run.AddFiguresSoFar("first");
        run.Send((MessagesToRecover - 1) * run.OriginCount);
        run.StartMeasuring();
        run.Send(run.Parameters.Messages);
    }
}
