using Logos.P2P.Simulation.Attackers;
using Logos.P2P.Simulation.Nodes;

namespace Logos.P2P.Simulation.Scenarios;

/// <summary>
/// A part of all machines is an attacker's: they are known like any node, fill the inbound slots of all, and relay nothing.
/// </summary>
internal sealed class Sybil : Scenario
{
    /// <summary>A fifth of the default, so that a fifth of the attackers fills it.</summary>
    private const int MaxConnections = 40;

    /// <summary>Of his connections to each node: as many as it has inbound slots.</summary>
    private const int ConnectionsEach = MaxConnections - NodeDefaults.OutboundConnections - NodeDefaults.QuietConnections;

    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(30);

    public override string Name => "sybil";

    public override string Summary => "A part of all machines fills everybody's inbound slots and relays nothing.";

    public override ScenarioParameters Defaults { get; } =
        new() { Graph = GraphKinds.Grown, Nodes = 100, Messages = 40, Seconds = 120, Attackers = 43 };

    internal override void Play(ScenarioRun run)
    {
        SimulatedNetwork network = run.Network;
        foreach (SimulatedNode node in network.Nodes)
            node.Options = node.Options with { MaxConnections = MaxConnections };
        var attacker = new AttackerTeam(network);
        var conduct = new Poison(() => attacker.Endpoints, network.Loop, network.Random);
        for (int i = 0; i < run.Parameters.Attackers; i++)
            attacker.Add(conduct);
        attacker.JoinSeed();
        NetworkFactory.BringUp(network);
        attacker.DialAll(ConnectionsEach, ConnectWithin);
        run.Pass(run.Parameters.Duration);

        run.StartMeasuring();
        run.Send(run.Parameters.Messages);
        GraphShape honest = GraphShape.Of(network);
        run.AddFigure("honestLinksPerNode", honest.Degrees.Average());
        run.AddFigure("honestLinksMin", honest.Degrees.Min());
        run.AddFigure("honestLargestPart", honest.LargestPartWithout(0));
        run.AddFigure("attackerShareOfOutbound", attacker.ShareOf(ConnectionKind.Outbound));
        run.AddFigure("attackerShareOfInbound", attacker.ShareOf(ConnectionKind.Inbound));
    }
}
