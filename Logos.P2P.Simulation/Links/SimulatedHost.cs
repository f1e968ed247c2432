using Logos.P2P.Transport;
using Logos.P2P.Wire;

namespace Logos.P2P.Simulation.Links;

/// <summary>A machine on the simulated Internet: an address, an uplink, and what a node sees of the network.</summary>
internal sealed class SimulatedHost : ITransport
{
    private const ushort FirstDynamicPort = 49_152;

    private readonly SimulatedInternet _internet;
    private readonly Dictionary<ushort, SimulatedListener> _listeners = [];
    private readonly List<SimulatedConnection> _connections = [];
    private ushort _lastPort = FirstDynamicPort;

    public SimulatedHost(SimulatedInternet internet, int index, NetAddress address, double uplinkBytesPerSecond)
    {
        _internet = internet;
        Index = index;
        Address = address;
        Uplink = new Uplink(internet.Loop, uplinkBytesPerSecond);
    }

    /// <summary>Which one it is of all, from 0.</summary>
    public int Index { get; }

    public NetAddress Address { get; }

    /// <summary>Where in the world, see <see cref="RegionLinks"/>.</summary>
    public int Region { get; init; }

    public Uplink Uplink { get; }

    /// <summary>Whether all that it sends is lost: for everybody else it has gone silent, and says so to nobody.</summary>
    public bool IsMute { get; set; }

    public async Task<IConnection> ConnectAsync(NetEndpoint remote, CancellationToken cancellationToken)
    {
        var connected = new TaskCompletionSource<IConnection>(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration registration =
            cancellationToken.Register(() => connected.TrySetCanceled(cancellationToken));
        _internet.Dial(this, remote, connected);
        return await connected.Task;
    }

    public IConnectionListener Listen(NetEndpoint local)
    {
        var listener = new SimulatedListener(this, new NetEndpoint(Address, local.Port));
        if (!_listeners.TryAdd(local.Port, listener))
            throw new IOException($"Cannot listen on {local}: in use.");
        return listener;
    }

    /// <summary>The process that ran here is gone: nothing listens, and whoever sends to it is told so.</summary>
    public void Crash()
    {
        _listeners.Clear();
        foreach (SimulatedConnection connection in _connections.ToArray())
        {
            connection.Vanish();
            _internet.Loop.After(_internet.DrawDelay(this, connection.Other.Here), connection.Other.Reset);
        }
    }

    /// <summary>Goes on with what a cut line held up.</summary>
    public void Resume()
    {
        foreach (SimulatedConnection connection in _connections.ToArray())
            connection.Resume();
    }

    /// <summary>Its ends of connections that are open.</summary>
    public IReadOnlyList<SimulatedConnection> Connections => _connections;

    public SimulatedListener? ListenerAt(ushort port) => _listeners.GetValueOrDefault(port);

    public void StopListening(ushort port) => _listeners.Remove(port);

    /// <summary>A new end of a connection here.</summary>
    public SimulatedConnection Open(NetEndpoint local, NetEndpoint remote)
    {
        var connection = new SimulatedConnection(_internet, this, local, remote);
        _connections.Add(connection);
        return connection;
    }

    public void Remove(SimulatedConnection connection) => _connections.Remove(connection);

    public NetEndpoint NextLocalEndpoint()
    {
        _lastPort = _lastPort == ushort.MaxValue ? FirstDynamicPort : (ushort)(_lastPort + 1);
        return new NetEndpoint(Address, _lastPort);
    }
}
