using Logos.P2P.Simulation.Attackers;
using Logos.P2P.Simulation.Nodes;

namespace Logos.P2P.Simulation.Scenarios;

/// <summary>A part of all machines announces everything from the start and never sends any of it.</summary>
internal sealed class Promises : Scenario
{
    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(5);

    /// <summary>Links of each machine, in both directions: as many as a node of a given graph has.</summary>
    private const int LinksOfEach = 16;

    public override string Name => "promises";

    public override string Summary => "A part of all machines announces everything and sends nothing.";

    public override ScenarioParameters Defaults { get; } = new() { Messages = 64, Warmup = 160, Attackers = 100 };

    internal override void Play(ScenarioRun run)
    {
        SimulatedNetwork network = run.Network;
        var attacker = new AttackerTeam(network);
        for (int i = 0; i < run.Parameters.Attackers; i++)
            attacker.Add(new Promiser(network.Random));
        NetworkFactory.BringUp(network);
        attacker.DialSome(LinksOfEach, ConnectWithin);
        run.Pass(ConnectWithin);
        run.AddFigure("promisersPerNode", (double)attacker.LinkCount / network.Nodes.Count);
        run.Send(run.Parameters.Warmup);
        run.StartMeasuring();
        run.Send(run.Parameters.Messages);
    }
}
