using Logos.P2P.Simulation.Nodes;

namespace Logos.P2P.Simulation.Scenarios;

/// <summary>Links of a given graph end, and lead elsewhere instead, while messages flow.</summary>
internal sealed class Rewire : Scenario
{
    /// <summary>The part of the links that is replaced is that of so many messages.</summary>
    private const double Messages = 100;

    public override string Name => "rewire";

    public override string Summary => "A part of the links is replaced by others, evenly over each hundred messages.";

    public override ScenarioParameters Defaults { get; } = new() { Messages = 200, Warmup = 160, Churn = 0.01 };

    internal override void Play(ScenarioRun run)
    {
        ScenarioParameters parameters = run.Parameters;
        SimulatedNetwork network = run.Network;
        NetworkFactory.BringUp(network);
        run.Send(parameters.Warmup);
        int links = network.Nodes.Sum(node => node.Options.Connect.Count);
        int count = (int)(parameters.Churn * links * parameters.Messages / Messages);
        TimeSpan duration = TimeSpan.FromSeconds(parameters.Messages / parameters.Rate);
        for (int i = 0; i < count; i++)
            network.Loop.After(duration * ((i + 0.5) / count), () => Replace(network));
        run.StartMeasuring();
        run.Send(parameters.Messages);
        run.AddFigure("replaced", count);
    }

    private static void Replace(SimulatedNetwork network)
    {
        SimulatedNode node = network.Nodes[network.Random.Next(network.Nodes.Count)];
        SimulatedNode other = network.Nodes[network.Random.Next(network.Nodes.Count)];
        string to = other.Endpoint.ToString();
        if (node != other && !node.Options.Connect.Contains(to))
            node.Redial(node.Options.Connect[network.Random.Next(node.Options.Connect.Count)], to);
    }
}
