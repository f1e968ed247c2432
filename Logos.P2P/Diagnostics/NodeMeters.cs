using System.Collections.Immutable;
using System.Diagnostics.Metrics;

namespace Logos.P2P.Diagnostics;

/// <summary>
/// The instruments of a node, for OpenTelemetry, `dotnet-counters`, or a <see cref="MeterListener"/> of your own. There is a meter for
/// each <see cref="MetricGroup"/>, `Logos.P2P.` and the group's name, whose <see cref="Meter.Scope"/> is the node. docs/metrics.md
/// lists the instruments.
/// </summary>
/// <remarks>
/// All but the histograms are observed: they read, when somebody asks, what the node counts anyway, so they cost its work nothing. A
/// group that is off has no meter at all. The histograms take samples, about <see cref="NodeDefaults.TimedMessages"/> a second at most,
/// and only while somebody listens.
/// </remarks>
public sealed class NodeMeters : IDisposable
{
    /// <summary>What the names of all meters begin with.</summary>
    public const string Prefix = "Logos.P2P.";

    private readonly Lock _gate = new();
    private readonly P2PNode _node;
    private readonly RelayTiming _timing;
    private ImmutableDictionary<MetricGroup, Meter> _meters = ImmutableDictionary<MetricGroup, Meter>.Empty;
    private bool _isDisposed;

    internal NodeMeters(P2PNode node, RelayTiming timing)
    {
        _node = node;
        _timing = timing;
        foreach (MetricGroup group in Enum.GetValues<MetricGroup>())
            Switch(group, true);
    }

    /// <summary>Whether a group is on. All are, at first.</summary>
    public bool IsOn(MetricGroup group) => _meters.ContainsKey(group);

    /// <summary>Switches a group on or off. What the node counts goes on being counted: it is told again when the group is on again.</summary>
    public void Switch(MetricGroup group, bool isOn)
    {
        lock (_gate)
        {
            if (_isDisposed || isOn == IsOn(group))
                return;
            if (isOn)
                _meters = _meters.Add(group, Create(group));
            else
                Remove(group);
        }
    }

    /// <summary>Ends all instruments.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            foreach (MetricGroup group in _meters.Keys)
                Remove(group);
        }
    }

    private Meter Create(MetricGroup group)
    {
        var meter = new Meter(new MeterOptions(Prefix + group)
        {
            Version = typeof(P2PNode).Assembly.GetName().Version!.ToString(3),
            Scope = _node,
        });
        switch (group)
        {
            case MetricGroup.Network:
                NetworkInstruments.Create(meter, _node);
                break;
            case MetricGroup.Gossip:
                _timing.Instruments = GossipInstruments.Create(meter, _node);
                break;
            case MetricGroup.Addresses:
                AddressInstruments.Create(meter, _node);
                break;
            case MetricGroup.Memory:
                MemoryInstruments.Create(meter, _node);
                break;
        }

        return meter;
    }

    private void Remove(MetricGroup group)
    {
        if (group == MetricGroup.Gossip)
            _timing.Instruments = null;
        _meters[group].Dispose();
        _meters = _meters.Remove(group);
    }
}
