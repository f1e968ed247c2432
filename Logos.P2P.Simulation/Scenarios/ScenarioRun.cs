using System.Diagnostics;
using Logos.P2P.Simulation.Nodes;

namespace Logos.P2P.Simulation.Scenarios;

/// <summary>A scenario while it happens: its network, and the hands to work it with.</summary>
internal sealed class ScenarioRun : IDisposable
{
    /// <summary>How long after the last message its way is followed: many times what any takes.</summary>
    public static readonly TimeSpan Settle = TimeSpan.FromSeconds(10);

    private readonly string _name;
    private readonly IProgress<double>? _progress;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly Dictionary<string, double> _figures = [];
    private readonly SimulatedNode[] _origins;
    private Measurement _measurement;
    private Action? _watcher;
    private int _nextOrigin;

    public ScenarioRun(string name, ScenarioParameters parameters, IProgress<double>? progress, TextWriter? trace)
    {
        _name = name;
        _progress = progress;
        Parameters = parameters;
        Network = NetworkFactory.Create(parameters, new Engine.Trace(trace));
        SimulatedNode[] nodes = [.. Network.Nodes];
        Network.Random.Shuffle(nodes);
        _origins = nodes[..Math.Min(parameters.Origins, nodes.Length)];
        _measurement = new Measurement(Network, _watch);
    }

    public ScenarioParameters Parameters { get; }

    public SimulatedNetwork Network { get; }

    /// <summary>From now on it is measured; what was sent before does not count.</summary>
    public void StartMeasuring() => _measurement = new Measurement(Network, _watch);

    /// <summary>The messages sent since then.</summary>
    public IReadOnlyList<SimulatedMessage> Messages => _measurement.Messages;

    /// <summary>Has something looked at again and again while time passes.</summary>
    public void Watch(Action look) => _watcher = look;

    /// <summary>How many connections nodes have ended for a reason.</summary>
    public long CountDisconnected(DisconnectReason reason) =>
        Network.Running.Sum(node => node.Node!.Metrics.Disconnected(reason));

    /// <summary>Adds something that this scenario alone measures.</summary>
    public void AddFigure(string name, double value) => _figures[name] = value;

    /// <summary>Sends messages at the run's rate, from its origins in turn as far as they run, and waits until they have settled.</summary>
    public void Send(int count)
    {
        Plan(count);
        if (count > 0)
            Pass(((count - 1) * Interval) + Settle + LargeSettle);
    }

    /// <summary>Sends messages in the same way while other things happen.</summary>
    public void Plan(int count)
    {
        for (int i = 0; i < count; i++)
            Network.Loop.After(i * Interval, SendNext);
    }

    /// <summary>Lets time pass, and tells how far it is.</summary>
    public void Pass(TimeSpan duration)
    {
        const int steps = 50;
        for (int i = 1; i <= steps; i++)
        {
            Network.Loop.RunFor(duration / steps);
            _watcher?.Invoke();
            _progress?.Report((double)i / steps);
        }
    }

    /// <summary>Sums up, and takes the network down, which must leave nothing.</summary>
    public ScenarioResult Finish()
    {
        ScenarioResult result = _measurement.Take(_name, Parameters, _figures);
        Network.StopAll();
        return result with { Violations = [.. Network.Violations] };
    }

    /// <summary>Takes down what is still up.</summary>
    public void Dispose() => Network.StopAll();

    /// <summary>What the slowest uplinks need besides to send one message to all their peers, twenty and more, several times over.</summary>
    private TimeSpan LargeSettle => TimeSpan.FromSeconds(Parameters.PayloadBytes / 50_000.0);

    private TimeSpan Interval => TimeSpan.FromSeconds(1 / Parameters.Rate);

    private void SendNext()
    {
        for (int tries = 0; tries < _origins.Length; tries++)
        {
            SimulatedNode origin = _origins[_nextOrigin++ % _origins.Length];
            if (!origin.IsRunning)
                continue;
            Network.Messages.Send(origin, Parameters.PayloadBytes);
            return;
        }
    }
}
