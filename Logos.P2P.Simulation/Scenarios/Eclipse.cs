using Logos.P2P.AddrMan;
using Logos.P2P.Simulation.AddressBook;
using Logos.P2P.Simulation.Attackers;
using Logos.P2P.Simulation.Nodes;

namespace Logos.P2P.Simulation.Scenarios;

/// <summary>
/// Somebody with addresses in many /16s connects to one node, tells it nothing but those, waits, and the node restarts: who
/// are its peers then?
/// </summary>
internal sealed class Eclipse : Scenario
{
    private const int DefaultGroups = 32;
    private const int AddressesPerGroup = 16;

    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan RestartAfter = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan ReturnWithin = TimeSpan.FromMinutes(2);

    public override string Name => "eclipse";

    public override string Summary => "An attacker fills a node's inbound slots and address book, and the node restarts.";

    public override ScenarioParameters Defaults { get; } =
        new() { Graph = GraphKinds.Grown, Nodes = 100, Messages = 40, Seconds = 1800, Attackers = DefaultGroups };

    internal override void Play(ScenarioRun run)
    {
        SimulatedNetwork network = run.Network;
        SimulatedNode victim = network.Nodes[0];
        NetworkFactory.BringUp(network);
        var attacker = new AttackerTeam(network);
        var conduct = new Poison(() => attacker.Endpoints, network.Loop, network.Random);
        for (int i = 0; i < run.Parameters.Attackers * AddressesPerGroup; i++)
            attacker.Add(SimulatedAddresses.OfAttacker(i / AddressesPerGroup, i % AddressesPerGroup).Address, conduct);
        foreach (AttackerHost host in attacker.Hosts)
            network.Loop.After(ConnectWithin * network.Random.NextDouble(), () => host.Dial(victim.Endpoint));
        run.Pass(run.Parameters.Duration);
        Count(run, victim, attacker, "BeforeRestart");
        CountBook(run, victim, attacker);

        network.Loop.Do(victim.Stop);
        network.Loop.RunFor(RestartAfter);
        network.Loop.Do(victim.Start);
        foreach (AttackerHost host in attacker.Hosts)
            network.Loop.After(ConnectWithin * network.Random.NextDouble(), () => host.Dial(victim.Endpoint));
        P2POptions options = victim.Options;
        NetworkFactory.Wait(network, () => CountPeers(victim, ConnectionKind.Outbound) >= options.MaxOutbound, ReturnWithin);
        run.Pass(ConnectWithin);
        Count(run, victim, attacker, "AfterRestart");

        run.StartMeasuring();
        run.Send(run.Parameters.Messages);
        SimulatedMessage[] others = [.. run.Messages.Where(message => message.Origin != victim.Index)];
        SimulatedMessage[] arrived = [.. others.Where(message => message.HasReached(victim.Index))];
        run.AddFigure("victimReach", others.Length == 0 ? 0 : (double)arrived.Length / others.Length);
        run.AddFigure(
            "victimMeanMs", arrived.Select(message => message.DelayTo(victim.Index).TotalMilliseconds).DefaultIfEmpty().Average());
    }

    private static void Count(ScenarioRun run, SimulatedNode victim, AttackerTeam attacker, string when)
    {
        foreach (ConnectionKind kind in (ConnectionKind[])[ConnectionKind.Outbound, ConnectionKind.Quiet, ConnectionKind.Inbound])
        {
            string name = $"{kind}".ToLowerInvariant();
            run.AddFigure($"{name}{when}", CountPeers(victim, kind));
            run.AddFigure(
                $"{name}OfAttacker{when}",
                victim.Peers.Count(peer => peer.Kind == kind && attacker.Has(peer.Endpoint.Address)));
        }
    }

    private static void CountBook(ScenarioRun run, SimulatedNode victim, AttackerTeam attacker)
    {
        AddressManager book = victim.Node!.Inside!.Book;
        run.AddFigure("addressesInBook", book.Count);
        run.AddFigure("addressesOfAttackerInBook", attacker.Endpoints.Count(endpoint => book.Contains(endpoint)));
    }

    private static int CountPeers(SimulatedNode node, ConnectionKind kind) => node.Peers.Count(peer => peer.Kind == kind);
}
