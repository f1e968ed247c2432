using Logos.P2P.Simulation.Nodes;

namespace Logos.P2P.Simulation.Scenarios;

/// <summary>A part of the nodes dies while a message is on its way. That message is measured apart from those after it.</summary>
internal sealed class Crash : Scenario
{
    /// <summary>When the message is about half way.</summary>
    private static readonly TimeSpan After = TimeSpan.FromMilliseconds(40);

    public override string Name => "crash";

    public override string Summary => "A part of the nodes dies in the middle of a message.";

    public override ScenarioParameters Defaults { get; } = new() { Messages = 64, Warmup = 160, Churn = 0.05 };

    internal override void Play(ScenarioRun run)
    {
        NetworkFactory.BringUp(run.Network);
        run.Send(run.Parameters.Warmup);
        run.StartMeasuring();
        run.Plan(1);
        run.Network.Loop.RunFor(After);
        foreach (SimulatedNode node in run.DrawOthers(run.Parameters.Churn))
            run.Network.Loop.Do(node.Kill);
        run.Pass(ScenarioRun.Settle);
        run.AddFiguresSoFar("struck");
        run.StartMeasuring();
        run.Send(run.Parameters.Messages);
    }
}
