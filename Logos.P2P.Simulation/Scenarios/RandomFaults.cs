using Logos.P2P.Simulation.Links;
using Logos.P2P.Simulation.Nodes;
using Logos.P2P.Wire;

namespace Logos.P2P.Simulation.Scenarios;

/// <summary>Faults at random times, to whomever they hit; each mends itself after a while.</summary>
internal sealed class RandomFaults
{
    private static readonly TimeSpan MeanBetween = TimeSpan.FromSeconds(2);

    /// <summary>A node that stops needs up to two seconds for it, and cannot run twice.</summary>
    private static readonly TimeSpan ShortestOutage = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongestOutage = TimeSpan.FromSeconds(40);

    private const int MaxBurst = 30;
    private const int MaxBurstSize = 20_000;
    private const double MostJitter = 0.9;
    private const double MostLoss = 0.2;

    private readonly SimulatedNetwork _network;
    private readonly LinkModel _links;
    private readonly Action[] _faults;
    private bool _isOver;

    public RandomFaults(SimulatedNetwork network)
    {
        _network = network;
        _links = network.Internet.Links;
        _faults = [Kill, Restart, Cut, Roughen, Reset, Reset, Ban, Disconnect, Burst];
    }

    /// <summary>How many there were.</summary>
    public int Count { get; private set; }

    /// <summary>From now on they happen.</summary>
    public void Start() => PlanNext();

    /// <summary>No more happen, and all that still lasts is mended.</summary>
    public void End()
    {
        _isOver = true;
        _network.Internet.Links = _links;
        _network.Internet.Heal();
        // Who was stopped a moment ago may still be stopping.
        _network.Loop.RunFor(ShortestOutage);
        _network.Loop.Do(() =>
        {
            foreach (SimulatedNode node in _network.Nodes)
                node.Start();
        });
        // Bans outlast a restart.
        _network.Loop.Do(() =>
        {
            foreach (SimulatedNode node in _network.Nodes)
                node.Node!.ClearBans();
        });
    }

    private void PlanNext() => _network.Loop.After(
        MeanBetween * -Math.Log(1 - _network.Random.NextDouble()),
        () =>
        {
            if (_isOver)
                return;
            Count++;
            _faults[_network.Random.Next(_faults.Length)]();
            PlanNext();
        });

    private void Kill() => TakeDown(node => node.Kill());

    private void Restart() => TakeDown(node => node.Stop());

    private void TakeDown(Action<SimulatedNode> how)
    {
        // One always stays, to be found by the others.
        if (_network.Running.Count() < 2)
            return;
        SimulatedNode node = Draw();
        how(node);
        AfterOutage(node.Start);
    }

    private void Cut()
    {
        int[] sides = [.. _network.Nodes.Select(_ => _network.Random.Next(2))];
        _network.Internet.Partition(node => sides[node]);
        AfterOutage(_network.Internet.Heal);
    }

    private void Roughen()
    {
        _network.Internet.Links = _links with
        {
            Jitter = MostJitter * _network.Random.NextDouble(),
            Loss = MostLoss * _network.Random.NextDouble(),
        };
        AfterOutage(() => _network.Internet.Links = _links);
    }

    private void Reset()
    {
        SimulatedNode node = Draw();
        if (node.Host.Connections.Count == 0)
            return;
        SimulatedConnection connection = node.Host.Connections[_network.Random.Next(node.Host.Connections.Count)];
        connection.Reset();
        connection.Other.Reset();
    }

    private void Ban()
    {
        SimulatedNode node = Draw(), banned = Draw();
        if (node == banned || node.Node!.Inside is null || !Subnet.TryCreate(banned.Host.Address, 32, out Subnet host))
            return;
        node.Node.Ban(host, ShortestOutage + (_network.Random.NextDouble() * LongestOutage));
    }

    private void Disconnect()
    {
        SimulatedNode node = Draw();
        long[] peers = [.. node.Peers.Select(peer => peer.Id)];
        if (peers.Length > 0)
            node.Node!.Disconnect(peers[_network.Random.Next(peers.Length)]);
    }

    private void Burst()
    {
        SimulatedNode node = Draw();
        int count = 1 + _network.Random.Next(MaxBurst);
        for (int i = 0; i < count; i++)
            _network.Messages.Send(node, MessageLog.HeaderSize + _network.Random.Next(MaxBurstSize));
    }

    private SimulatedNode Draw()
    {
        SimulatedNode[] running = [.. _network.Running];
        return running[_network.Random.Next(running.Length)];
    }

    private void AfterOutage(Action mend) => _network.Loop.After(
        ShortestOutage + ((LongestOutage - ShortestOutage) * _network.Random.NextDouble()),
        () =>
        {
            if (!_isOver)
                mend();
        });
}
