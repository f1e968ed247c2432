using Logos.P2P.Simulation.Nodes;

namespace Logos.P2P.Simulation.Scenarios;

/// <summary>Whatever may befall a network, at random, while messages flow. When it is over all must be well again.</summary>
internal sealed class Mixed : Scenario
{
    public override string Name => "mixed";

    public override string Summary => "Random faults while messages flow: kills, restarts, cuts, resets, loss, bans, bursts. All invariants must hold.";

    public override ScenarioParameters Defaults { get; } =
        new() { Nodes = 20, Graph = GraphKinds.Grown, Messages = 60, Rate = 1, Seconds = 60 };

    internal override void Play(ScenarioRun run)
    {
        NetworkFactory.BringUp(run.Network);
        run.StartMeasuring();
        run.Plan(run.Parameters.Messages);
        var faults = new RandomFaults(run.Network);
        faults.Start();
        run.Pass(run.Parameters.Duration);
        faults.End();
        run.AddFigure("faults", faults.Count);
        run.ExpectWhole();
    }
}
