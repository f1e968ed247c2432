using Logos.P2P.Simulation.Nodes;

namespace Logos.P2P.Simulation.Scenarios;

/// <summary>Nodes leave, every other one without a word, and new ones come, while messages flow.</summary>
internal sealed class Churn : Scenario
{
    private const double SecondsPerMinute = 60;

    /// <summary>Who has run for this long has found its peers.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(1);

    public override string Name => "churn";

    public override string Summary => "Whom messages reach, and when, while a part of the nodes is replaced each minute.";

    public override ScenarioParameters Defaults { get; } =
        new() { Nodes = 200, Graph = GraphKinds.Grown, Messages = 120, Rate = 1, Seconds = 120 };

    internal override void Play(ScenarioRun run)
    {
        ScenarioParameters parameters = run.Parameters;
        SimulatedNetwork network = run.Network;
        NetworkFactory.BringUp(network);
        int count = (int)(parameters.Churn * parameters.Nodes * parameters.Seconds / SecondsPerMinute);
        SimulatedNode[] newcomers = [.. Enumerable.Range(0, count).Select(_ => Create(run))];
        run.StartMeasuring();
        run.Plan(parameters.Messages);
        for (int i = 0; i < count; i++)
        {
            int turn = i;
            network.Loop.After(parameters.Duration * ((turn + 0.5) / count), () => Replace(network, newcomers[turn], turn));
        }

        run.Pass(parameters.Duration + ScenarioRun.Settle);
        run.AddFigure("replaced", count);
        run.AddFigure("reachOfSettled", run.ReachOfOld(Settled));
        run.ExpectWhole();
    }

    private static SimulatedNode Create(ScenarioRun run)
    {
        SimulatedNode node = NetworkFactory.AddNode(run.Network);
        node.Options = run.Network.Nodes[0].Options;
        return node;
    }

    private static void Replace(SimulatedNetwork network, SimulatedNode newcomer, int turn)
    {
        SimulatedNode[] running = [.. network.Running];
        SimulatedNode leaver = running[network.Random.Next(running.Length)];
        if (turn % 2 == 0)
            leaver.Kill();
        else
            leaver.Stop();
        newcomer.Start();
    }
}
