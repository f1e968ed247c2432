namespace Logos.P2P.Bench.Hop;

/// <summary>A source, relays and sinks, all processes of their own, that run and wait until they are measured.</summary>
internal sealed class Line : IDisposable
{
    private const double PatienceSeconds = 20;
    private const double ProbeSeconds = 0.1;

    private readonly List<RoleProcess> _processes = [];
    private readonly List<RoleProcess> _relays = [];
    private readonly RoleProcess _source;
    private readonly RoleProcess _sink;
    private readonly long _lastPort;
    private long _next;

    /// <summary>Starts all processes and returns when they are connected.</summary>
    public Line(LinePlan plan)
    {
        Plan = plan;
        string end = End(plan.Kind);
        if (plan.Kind == RelayKind.Direct)
        {
            _source = Start("source", "accept", end);
            _sink = Start("sink", $"{_source.ReadNumbers()[0]}", end, "1");
            _sink.Expect("ready");
            _source.Expect("ready");
            return;
        }

        long first = 0;
        for (int i = 0; i < plan.Relays; i++)
        {
            RoleProcess relay = Start(
                [.. RoleOf(plan), i == 0 ? "source" : $"{_lastPort}", .. plan.DataDirectory is { } directory ? [directory] : (string[])[]]);
            _relays.Add(relay);
            long[] ports = relay.ReadNumbers();
            first = i == 0 ? ports[0] : first;
            _lastPort = ports[1];
        }

        _sink = Start("sink", $"{_lastPort}", end, $"{plan.Sinks}");
        _sink.Expect("ready");
        _source = Start("source", $"{first}", end);
        _source.Expect("ready");
        // A subscription is under way for a while, and what is published meanwhile is for nobody.
        while (plan.Kind == RelayKind.ZeroMq && RunPaced(1, HopFrames.NumberSize, 1, ProbeSeconds)[0].Arrived[0] == 0)
        {
        }

        for (int i = 0; i < plan.Relays; i++)
            WaitForPeers(i, idle: 0);
    }

    public LinePlan Plan { get; }

    /// <summary>Memory of the first relay; 0 where there is none.</summary>
    public long RelayMemory => _relays.Count == 0 ? 0 : _relays[0].Memory;

    /// <summary>The first relay's process.</summary>
    public RoleProcess Relay => _relays[0];

    /// <summary>Where the last relay listens.</summary>
    public long Port => _lastPort;

    /// <summary>Processor time of the first relay.</summary>
    private TimeSpan RelayTime => _relays.Count == 0 ? TimeSpan.Zero : _relays[0].ProcessorTime;

    /// <summary>Bytes that the first relay, a node, has allocated so far.</summary>
    public long RelayAllocated
    {
        get
        {
            _relays[0].Write($"allocated");
            return _relays[0].ReadNumbers()[0];
        }
    }

    /// <summary>Connects those who are idle. To be done when messages have flowed.</summary>
    public void AddIdle()
    {
        if (Plan.Idle == 0)
            return;
        Start("idle", $"{_lastPort}", $"{Plan.Idle}").Expect("ready");
        WaitForPeers(Plan.Relays - 1, Plan.Idle);
    }

    /// <summary>Sends messages at a steady rate.</summary>
    /// <returns>For each message when it was sent, and when each of the sinks had it: 0 for never.</returns>
    public (long Sent, long[] Arrived)[] RunPaced(int count, int size, int rate, double patience = PatienceSeconds)
    {
        long first = Expect(count);
        _source.Write($"run {first} {count} {size} {rate}");
        long[] sent = _source.ReadNumbers();
        _sink.Write($"report {patience}");
        long[] arrived = _sink.ReadNumbers();
        return [.. Enumerable.Range(0, count).Select(i => (sent[i], Enumerable.Range(0, Plan.Sinks).Select(sink => arrived[(sink * count) + i]).ToArray()))];
    }

    /// <summary>Sends messages as fast as they go.</summary>
    public (long Arrived, long Ticks, TimeSpan RelayTime) RunFlat(int count, int size)
    {
        long first = Expect(count);
        TimeSpan before = RelayTime;
        _source.Write($"run {first} {count} {size} 0");
        long start = _source.ReadNumbers()[0];
        _sink.Write($"span {PatienceSeconds}");
        long[] span = _sink.ReadNumbers();
        return (span[0], span[2] - start, RelayTime - before);
    }

    public void Dispose()
    {
        foreach (RoleProcess process in _processes)
            process.Dispose();
    }

    private static string[] RoleOf(LinePlan plan) => plan.Kind switch
    {
        RelayKind.Forwarder => ["forwarder"],
        RelayKind.CheckingForwarder => ["checking-forwarder"],
        RelayKind.ZeroMq => ["zmq"],
        RelayKind.NativeNode => ["native-node"],
        _ => [plan.IsObserved ? "observed-node" : "node"],
    };

    private static string End(RelayKind kind) => kind switch
    {
        RelayKind.Node or RelayKind.NativeNode => "node",
        RelayKind.ZeroMq => "zmq",
        _ => "raw",
    };

    private void WaitForPeers(int relay, int idle)
    {
        if (Plan.Kind is not (RelayKind.Node or RelayKind.NativeNode))
            return;
        // The ends are at the first and at the last one, and each has a neighbour to each side.
        int peers = 1 + (relay == Plan.Relays - 1 ? Plan.Sinks + idle : 1);
        _relays[relay].Write($"wait {peers}");
        _relays[relay].Expect("ok");
    }

    private long Expect(int count)
    {
        long first = _next;
        _next += count;
        _sink.Write($"expect {first} {count}");
        _sink.Expect("ok");
        return first;
    }

    private RoleProcess Start(params IEnumerable<string> role)
    {
        var process = new RoleProcess(Plan.Program, role);
        _processes.Add(process);
        return process;
    }
}
