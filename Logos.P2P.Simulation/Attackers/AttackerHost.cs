using Logos.P2P.Simulation.Links;
using Logos.P2P.Simulation.Nodes;
using Logos.P2P.Transport;
using Logos.P2P.Wire;

namespace Logos.P2P.Simulation.Attackers;

/// <summary>A machine of the attacker: connections that it makes and takes, all with one conduct.</summary>
internal sealed class AttackerHost
{
    private readonly SimulatedNetwork _network;
    private readonly SimulatedHost _host;
    private readonly FramePool _frames;
    private readonly Conduct _conduct;
    private readonly List<RawPeer> _peers = [];

    public AttackerHost(SimulatedNetwork network, SimulatedHost host, FramePool frames, Conduct conduct)
    {
        _network = network;
        _host = host;
        _frames = frames;
        _conduct = conduct;
        Endpoint = new NetEndpoint(host.Address, SimulatedNode.Port);
        Follow(AcceptAsync);
    }

    /// <summary>Where it listens.</summary>
    public NetEndpoint Endpoint { get; }

    /// <summary>All connections that it had.</summary>
    public IReadOnlyList<RawPeer> Peers => _peers;

    /// <summary>Connects to a node, once, if that lets it.</summary>
    public void Dial(NetEndpoint node) => Follow(() => DialAsync(node));

    /// <summary>The machine goes off, and with it all its connections.</summary>
    public void Crash()
    {
        _host.Crash();
        foreach (RawPeer peer in _peers)
            peer.Close();
    }

    private async Task AcceptAsync()
    {
        IConnectionListener listener = _host.Listen(Endpoint);
        while (await listener.AcceptAsync() is { } connection)
            Run(connection, isDialled: false);
    }

    private async Task DialAsync(NetEndpoint node)
    {
        try
        {
            Run(await _host.ConnectAsync(node, CancellationToken.None), isDialled: true);
        }
        catch (IOException)
        {
            // The node refuses; there are others.
        }
    }

    private void Run(IConnection connection, bool isDialled)
    {
        var peer = new RawPeer(_network.Loop, _frames, connection, isDialled, _conduct);
        _peers.Add(peer);
        Follow(peer.RunAsync);
    }

    /// <summary>In an event of the simulation; what it fails with is a fault of the simulation and ends it.</summary>
    private void Follow(Func<Task> work) => _network.Loop.After(TimeSpan.Zero, async () => await work());
}
