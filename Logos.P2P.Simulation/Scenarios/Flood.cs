using System.Text.Json;
using Logos.P2P.Peers;
using Logos.P2P.Simulation.Attackers;
using Logos.P2P.Simulation.Nodes;

namespace Logos.P2P.Simulation.Scenarios;

/// <summary>
/// Honest messages with nobody else there, and then against flooders of each kind in turn: how late they are, and who is cut.
/// </summary>
internal sealed class Flood : Scenario
{
    /// <summary>
    /// What a node takes from a peer in a second here: 250 times less than by default, with floods to match, since each
    /// message of a flood is an event at every node.
    /// </summary>
    private const int MaxMessageRate = 100;

    /// <summary>What a flooder sends on each of his connections: twice that.</summary>
    private const int FloodRate = 2 * MaxMessageRate;

    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(2);

    public override string Name => "flood";

    public override string Summary => "Honest messages against flooders: new messages, replays, unknown commands, addresses.";

    public override ScenarioParameters Defaults { get; } =
        new() { Graph = GraphKinds.Grown, Nodes = 50, Messages = 80, Attackers = 8 };

    internal override void Play(ScenarioRun run)
    {
        SimulatedNetwork network = run.Network;
        foreach (SimulatedNode node in network.Nodes)
            node.Options = node.Options with { MaxMessageRate = MaxMessageRate };
        NetworkFactory.BringUp(network);
        run.StartMeasuring();
        run.Send(run.Parameters.Messages);
        run.AddFigure("idleT99Ms", DelayOfAll(run.Messages, network));
        foreach (FloodKind kind in Enum.GetValues<FloodKind>())
            Flooded(run, kind);
    }

    private static void Flooded(ScenarioRun run, FloodKind kind)
    {
        SimulatedNetwork network = run.Network;
        int sentBefore = run.Messages.Count;
        var attacker = new AttackerTeam(network);
        var conduct = new Flooder(kind, FloodRate, network);
        for (int i = 0; i < run.Parameters.Attackers; i++)
        {
            SimulatedNode target = network.Nodes[network.Random.Next(network.Nodes.Count)];
            AttackerHost host = attacker.Add(conduct);
            network.Loop.After(TimeSpan.Zero, () => host.Dial(target.Endpoint));
        }

        run.Pass(ConnectWithin);
        Peer[] peers =
        [
            .. network.Running.SelectMany(node => node.Peers)
                .Where(peer => attacker.Has(peer.Endpoint.Address) || network.NodeAt(peer.Endpoint.Address) is not null),
        ];
        run.Send(run.Parameters.Messages);
        SimulatedMessage[] messages = [.. run.Messages.Skip(sentBefore)];
        string name = JsonNamingPolicy.CamelCase.ConvertName($"{kind}");
        run.AddFigure($"{name}T99Ms", DelayOfAll(messages, network));
        run.AddFigure($"{name}Reach", messages.Average(message => (double)message.Reached / network.Nodes.Count));
        network.Loop.Do(() =>
        {
            foreach (AttackerHost host in attacker.Hosts)
                host.Crash();
        });
        // Honest peers that still pass on what there was of the flood belong to it.
        run.Pass(ScenarioRun.Settle);
        ILookup<bool, Peer> isFlooder = peers.ToLookup(peer => attacker.Has(peer.Endpoint.Address));
        run.AddFigure($"{name}Flooders", isFlooder[true].Count());
        run.AddFigure($"{name}FloodersCut", isFlooder[true].Count(IsCut));
        run.AddFigure($"{name}HonestCut", isFlooder[false].Count(IsCut));
    }

    private static bool IsCut(Peer peer) => peer.Reason == DisconnectReason.Flooding;

    /// <summary>The delay that one in a hundred of all arrivals exceeds.</summary>
    private static double DelayOfAll(IEnumerable<SimulatedMessage> messages, SimulatedNetwork network)
    {
        double[] delays =
        [
            .. (from message in messages
                from node in network.Nodes
                where node.Index != message.Origin && message.HasReached(node.Index)
                select message.DelayTo(node.Index).TotalMilliseconds).Order(),
        ];
        return delays.Length == 0 ? 0 : delays[(int)(0.99 * (delays.Length - 1))];
    }
}
