using System.Diagnostics.Metrics;

namespace Logos.P2P.Tests.Diagnostics;

/// <summary>Listens to the instruments of one node, as OpenTelemetry would.</summary>
internal sealed class Measured : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _observed = [];
    private readonly List<(string Instrument, double Value)> _recorded = [];
    private readonly HashSet<string> _instruments = [];

    public Measured(P2PNode node)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope != node)
                return;
            lock (_gate)
                _instruments.Add(instrument.Name);
            listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            lock (_gate)
                _observed[Name(instrument, tags)] = value;
        });
        _listener.SetMeasurementEventCallback<double>((instrument, value, _, _) =>
        {
            lock (_gate)
                _recorded.Add((instrument.Name, value));
        });
        _listener.Start();
    }

    /// <summary>The instruments that there are, or were.</summary>
    public IReadOnlyCollection<string> Instruments
    {
        get
        {
            lock (_gate)
                return [.. _instruments];
        }
    }

    /// <summary>What the observed instruments say now, by name and the values of their attributes.</summary>
    public Dictionary<string, long> Observe()
    {
        lock (_gate)
            _observed.Clear();
        _listener.RecordObservableInstruments();
        lock (_gate)
            return new(_observed);
    }

    /// <summary>What a histogram was told so far.</summary>
    public IReadOnlyList<double> Recorded(string instrument)
    {
        lock (_gate)
            return [.. _recorded.Where(one => one.Instrument == instrument).Select(one => one.Value)];
    }

    public void Dispose() => _listener.Dispose();

    private static string Name(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string[] values = new string[tags.Length];
        for (int i = 0; i < tags.Length; i++)
            values[i] = (string)tags[i].Value!;
        return tags.IsEmpty ? instrument.Name : $"{instrument.Name}{{{string.Join(',', values)}}}";
    }
}
