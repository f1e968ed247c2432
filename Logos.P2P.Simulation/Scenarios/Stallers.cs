using Logos.P2P.Diagnostics;
using Logos.P2P.Simulation.Attackers;
using Logos.P2P.Simulation.Nodes;

namespace Logos.P2P.Simulation.Scenarios;

/// <summary>A part of all machines connects like any node and then reads nothing, or hardly anything, of what it is sent.</summary>
internal sealed class Stallers : Scenario
{
    /// <summary>What a third of them reads, which is less than it is sent.</summary>
    private const int SlowBytesPerSecond = 1000;

    /// <summary>As many as a node dials itself.</summary>
    private const int ConnectionsOfEach = NodeDefaults.OutboundConnections;

    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(5);

    /// <summary>How often they come back: as soon as a node has given up those that answer no ping.</summary>
    private static readonly TimeSpan ReturnAfter = NodeDefaults.PingTimeout;

    public override string Name => "stallers";

    public override string Summary => "A part of all machines takes everything and reads or answers nothing.";

    public override ScenarioParameters Defaults { get; } = new()
    {
        Graph = GraphKinds.Grown,
        Nodes = 30,
        Messages = 400,
        PayloadBytes = 25_000,
        Attackers = 13,
    };

    internal override void Play(ScenarioRun run)
    {
        SimulatedNetwork network = run.Network;
        var attacker = new AttackerTeam(network);
        Staller[] conducts = [new(0, pings: false), new(SlowBytesPerSecond, pings: false), new(0, pings: true)];
        for (int i = 0; i < run.Parameters.Attackers; i++)
            attacker.Add(conducts[i % conducts.Length]);
        attacker.JoinSeed();
        NetworkFactory.BringUp(network);
        void Connect() =>
            attacker.DialAll(ConnectionsOfEach * run.Parameters.Attackers / network.Nodes.Count, ConnectWithin);
        Connect();
        run.Pass(ConnectWithin);
        run.AddFigure("stallersPerNode", (double)attacker.LinkCount / network.Nodes.Count);

        run.StartMeasuring();
        long mostFrames = 0, mostQueued = 0;
        TimeSpan nextReturn = network.Loop.Now + ReturnAfter;
        run.Watch(() =>
        {
            if (network.Loop.Now >= nextReturn)
            {
                nextReturn += ReturnAfter;
                Connect();
            }

            foreach (SimulatedNode node in network.Running)
            {
                MemoryAccount memory = node.Node!.GetMemory()!;
                mostFrames = Math.Max(mostFrames, memory.Frames.Bytes);
                mostQueued = Math.Max(mostQueued, memory.SendQueues.Bytes);
            }
        });
        run.Send(run.Parameters.Messages);
        run.AddFigure("mostFrameBytes", mostFrames);
        run.AddFigure("mostQueuedBytes", mostQueued);
        run.AddFigure("frameBytesAllowed", network.Nodes[0].Options.MaxFrameMemory);
        run.AddFigure("cutSendTimeout", run.CountDisconnected(DisconnectReason.SendTimeout));
        run.AddFigure("cutPingTimeout", run.CountDisconnected(DisconnectReason.PingTimeout));
        if (mostFrames > network.Nodes[0].Options.MaxFrameMemory)
            network.Violate($"A node used {mostFrames} bytes of frames.");
    }
}
