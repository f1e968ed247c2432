using System.Diagnostics;
using Logos.P2P.Simulation.Invariants;
using Logos.P2P.Simulation.Nodes;

namespace Logos.P2P.Simulation.Scenarios;

/// <summary>A scenario while it happens: its network, and the hands to work it with.</summary>
internal sealed class ScenarioRun : IDisposable
{
    /// <summary>How long after the last message its way is followed: many times what any takes.</summary>
    public static readonly TimeSpan Settle = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Within what time nodes must have found together after whatever befell them: three times the wait between the dials of an
    /// address that did not answer at its longest.
    /// </summary>
    private static readonly TimeSpan WholeWithin = 3 * NodeDefaults.DialRetryMax;

    /// <summary>How often a run looks whether something has come true.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>Messages that must reach all when a network is whole.</summary>
    private const int Probes = 5;

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
        InvariantWatch.Start(Network);
    }

    public ScenarioParameters Parameters { get; }

    public SimulatedNetwork Network { get; }

    /// <summary>The nodes that send messages.</summary>
    public IReadOnlyList<SimulatedNode> Origins => _origins;

    /// <summary>From now on it is measured; what was sent before does not count.</summary>
    public void StartMeasuring() => _measurement = new Measurement(Network, _watch);

    /// <summary>The messages sent since then.</summary>
    public IReadOnlyList<SimulatedMessage> Messages => _measurement.Messages;

    /// <summary>How many nodes send messages, in turn.</summary>
    public int OriginCount => _origins.Length;

    /// <summary>Draws a part of the nodes, of those that send no messages.</summary>
    public IReadOnlyList<SimulatedNode> DrawOthers(double part)
    {
        SimulatedNode[] others = [.. Network.Nodes.Except(_origins)];
        Network.Random.Shuffle(others);
        return others[..Math.Min(others.Length, (int)(part * Network.Nodes.Count))];
    }

    /// <summary>Has something looked at again and again while time passes.</summary>
    public void Watch(Action look) => _watcher = look;

    /// <summary>How many connections nodes have ended for a reason.</summary>
    public long CountDisconnected(DisconnectReason reason) =>
        Network.Running.Sum(node => node.Node!.Metrics.Disconnected(reason));

    /// <summary>Adds something that this scenario alone measures.</summary>
    public void AddFigure(string name, double value) => _figures[name] = value;

    /// <summary>Adds how far and how fast the messages measured so far have come.</summary>
    public void AddFiguresSoFar(string name)
    {
        ScenarioResult soFar = _measurement.Take(_name, Parameters);
        AddFigure(name + "Messages", soFar.Messages);
        AddFigure(name + "Reach", soFar.Reach);
        AddFigure(name + "T50Ms", soFar.T50Ms);
        AddFigure(name + "T90Ms", soFar.T90Ms);
        AddFigure(name + "MaxMs", soFar.MaxMs);
    }

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

    /// <summary>The part of the nodes that messages reached of those that had run for a while when each was sent.</summary>
    public double ReachOfOld(TimeSpan age) => _measurement.Reach(age);

    /// <summary>Waits until something is true of the links, which must come about.</summary>
    /// <param name="condition">What.</param>
    /// <param name="what">The same in words.</param>
    /// <returns>How many seconds it took.</returns>
    public double WaitFor(Func<LiveLinks, bool> condition, string what)
    {
        TimeSpan start = Network.Loop.Now;
        while (!condition(new LiveLinks(Network)))
        {
            if (Network.Loop.Now - start >= WholeWithin)
            {
                Network.Violate($"After {WholeWithin} it is not so that {what}.");
                break;
            }

            Network.Loop.RunFor(Look);
        }

        return (Network.Loop.Now - start).TotalSeconds;
    }

    /// <summary>
    /// All trouble is over: the nodes must find together, and then every message must reach every one of them in time.
    /// </summary>
    public void ExpectWhole()
    {
        AddFigure("secondsToWhole", WaitFor(links => links.AreWhole, "every node can reach every other"));
        var probes = new List<SimulatedMessage>();
        Network.Loop.Do(() =>
        {
            foreach (SimulatedNode origin in Network.Running.Take(Probes))
            {
                if (Network.Messages.Send(origin, Parameters.PayloadBytes) is { } probe)
                    probes.Add(probe);
                else
                    Network.Violate($"Node {origin.Index} has nobody to send a message to.");
            }
        });
        TimeSpan sentAt = Network.Loop.Now;
        Pass(Settle);
        foreach (SimulatedMessage probe in probes)
        {
            int[] missing =
            [
                .. from node in Network.Running
                   where node.RanThrough(sentAt, Network.Loop.Now) && !probe.HasReached(node.Index)
                   select node.Index,
            ];
            if (missing.Length > 0)
                Network.Violate($"Message {probe.Number} of node {probe.Origin} did not reach {string.Join(", ", missing)}.");
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
    public void Dispose() => Network.Dispose();

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
            Network.Messages.Send(origin, Parameters.PayloadBytes, new MessageTraits(IsUrgent: Parameters.Urgent));
            return;
        }
    }
}
