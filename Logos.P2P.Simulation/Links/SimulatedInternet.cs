using Logos.P2P.Simulation.Engine;
using Logos.P2P.Transport;
using Logos.P2P.Wire;

namespace Logos.P2P.Simulation.Links;

/// <summary>All hosts and what lies between them.</summary>
/// <param name="loop">The simulation.</param>
/// <param name="links">How long bytes are on their way.</param>
/// <param name="random">For jitter and loss.</param>
/// <param name="trace">Is told of all that arrives.</param>
internal sealed class SimulatedInternet(SimulationLoop loop, LinkModel links, Random random, Trace trace)
{
    private readonly List<SimulatedHost> _hosts = [];
    private readonly Dictionary<NetAddress, SimulatedHost> _hostOf = [];
    private int[] _sides = [];

    public SimulationLoop Loop => loop;

    /// <summary>Where bytes are while they are on their way.</summary>
    public SegmentPool Segments { get; } = new();

    public IReadOnlyList<SimulatedHost> Hosts => _hosts;

    /// <summary>How long bytes are on their way. May be changed while they are.</summary>
    public LinkModel Links { get; set; } = links;

    /// <summary>Is told of all that is sent; null for nobody.</summary>
    public ISendWatcher? Watcher { get; set; }

    /// <summary>Adds a machine.</summary>
    public SimulatedHost AddHost(NetAddress address, double uplinkBytesPerSecond, int region = 0)
    {
        var host = new SimulatedHost(this, _hosts.Count, address, uplinkBytesPerSecond) { Region = region };
        _hosts.Add(host);
        _hostOf.Add(address, host);
        return host;
    }

    public SimulatedHost? HostAt(NetAddress address) => _hostOf.GetValueOrDefault(address);

    /// <summary>Cuts all lines between hosts on different sides.</summary>
    /// <param name="sideOf">On which side a host is, by its index.</param>
    public void Partition(Func<int, int> sideOf) => _sides = [.. _hosts.Select(host => sideOf(host.Index))];

    /// <summary>Mends all lines. What was under way goes on as soon as TCP tries again.</summary>
    public void Heal()
    {
        _sides = [];
        foreach (SimulatedHost host in _hosts)
            loop.After(LinkModel.RetransmissionDelay, host.Resume);
    }

    /// <summary>Whether the line between two hosts is cut. Hosts that came after a cut are on the first side.</summary>
    public bool IsCut(SimulatedHost from, SimulatedHost to) => _sides.Length > 0 && SideOf(from) != SideOf(to);

    public TimeSpan DrawDelay(SimulatedHost from, SimulatedHost to) => Links.Draw(from, to, random);

    public void NoteArrival(SimulatedHost from, SimulatedHost to, Segment segment) =>
        trace.Add(loop.Now, from.Index, to.Index, segment.Length);

    /// <summary>
    /// TCP's handshake. What nobody answers is left to the time-out of whoever dials, as behind a cut line or where no host is.
    /// </summary>
    public void Dial(SimulatedHost from, NetEndpoint remote, TaskCompletionSource<IConnection> connected)
    {
        if (HostAt(remote.Address) is not { } to || IsCut(from, to))
            return;
        loop.After(DrawDelay(from, to), () => Answer(from, to, remote, connected));
    }

    private void Answer(SimulatedHost from, SimulatedHost to, NetEndpoint remote, TaskCompletionSource<IConnection> connected)
    {
        if (IsCut(from, to))
            return;
        bool isOpen = to.ListenerAt(remote.Port) is not null;
        loop.After(DrawDelay(to, from), () =>
        {
            if (!isOpen)
                connected.TrySetException(new IOException("Connection refused."));
            else
                Establish(from, to, remote, connected);
        });
    }

    private void Establish(SimulatedHost from, SimulatedHost to, NetEndpoint remote, TaskCompletionSource<IConnection> connected)
    {
        if (connected.Task.IsCompleted)
            return;
        NetEndpoint local = from.NextLocalEndpoint();
        SimulatedConnection here = from.Open(local, remote), there = to.Open(remote, local);
        (here.Other, there.Other) = (there, here);
        connected.TrySetResult(here);
        // The last packet of the handshake, which nothing that is sent now can overtake.
        loop.After(Links.Latency(from, to) * (1 - Links.Jitter), () =>
        {
            if (to.ListenerAt(remote.Port) is { } listener)
            {
                listener.Add(there);
                return;
            }

            there.Vanish();
            here.Reset();
        });
    }

    private int SideOf(SimulatedHost host) => host.Index < _sides.Length ? _sides[host.Index] : 0;
}
