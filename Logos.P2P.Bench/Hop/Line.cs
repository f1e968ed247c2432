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
    private readonly int _sinks;
    private long _next;

    /// <param name="program">The program whose roles are played.</param>
    /// <param name="kind">What the relays are.</param>
    /// <param name="relays">How many there are, one behind the other.</param>
    /// <param name="sinks">How many sinks there are at the last one.</param>
    /// <param name="idle">Peers besides, of which nothing is expected.</param>
    public Line(string program, RelayKind kind, int relays, int sinks, int idle)
    {
        Kind = kind;
        _sinks = sinks;
        bool isNode = kind == RelayKind.Node;
        if (kind == RelayKind.Direct)
        {
            _source = Start(program, "source", "accept", "raw");
            _sink = Start(program, "sink", $"{_source.ReadNumbers()[0]}", "raw", $"{sinks}");
            Expect(_sink, "ready");
            Expect(_source, "ready");
            return;
        }

        long first = 0, last = 0;
        for (int i = 0; i < relays; i++)
        {
            RoleProcess relay = Start(program, RoleOf(kind), i == 0 ? "source" : $"{last}");
            _relays.Add(relay);
            long[] ports = relay.ReadNumbers();
            first = i == 0 ? ports[0] : first;
            last = ports[1];
        }

        if (idle > 0)
            Expect(Start(program, "sink", $"{last}", End(kind), $"{idle}"), "ready");
        _sink = Start(program, "sink", $"{last}", End(kind), $"{sinks}");
        Expect(_sink, "ready");
        _source = Start(program, "source", $"{first}", End(kind));
        Expect(_source, "ready");
        // A subscription is under way for a while, and what is published meanwhile is for nobody.
        while (kind == RelayKind.ZeroMq && RunPaced(1, HopFrames.NumberSize, 1, ProbeSeconds)[0].Arrived[0] == 0)
        {
        }

        for (int i = 0; isNode && i < relays; i++)
        {
            // The ends are at the first and at the last one, and each has a neighbour to each side.
            int peers = 1 + (i == relays - 1 ? sinks + idle : 1);
            _relays[i].Write($"wait {peers}");
            Expect(_relays[i], "ok");
        }
    }

    public RelayKind Kind { get; }

    /// <summary>What it is called; by its kind when null.</summary>
    public string? Name { get; init; }

    /// <summary>Memory of the first relay; 0 where there is none.</summary>
    public long RelayMemory => _relays.Count == 0 ? 0 : _relays[0].Memory;

    /// <summary>The first relay's process; null where there is none.</summary>
    public int? RelayId => _relays.Count == 0 ? null : _relays[0].Id;

    /// <summary>Processor time of the first relay.</summary>
    private TimeSpan RelayTime => _relays.Count == 0 ? TimeSpan.Zero : _relays[0].ProcessorTime;

    /// <summary>Sends messages at a steady rate.</summary>
    /// <returns>For each message when it was sent, and when each of the sinks had it: 0 for never.</returns>
    public (long Sent, long[] Arrived)[] RunPaced(int count, int size, int rate, double patience = PatienceSeconds)
    {
        long first = Expect(count);
        _source.Write($"run {first} {count} {size} {rate}");
        long[] sent = _source.ReadNumbers();
        _sink.Write($"report {patience}");
        long[] arrived = _sink.ReadNumbers();
        return [.. Enumerable.Range(0, count).Select(i => (sent[i], Enumerable.Range(0, _sinks).Select(sink => arrived[(sink * count) + i]).ToArray()))];
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

    private static string RoleOf(RelayKind kind) => kind switch
    {
        RelayKind.Forwarder => "forwarder",
        RelayKind.CheckingForwarder => "checking-forwarder",
        RelayKind.ZeroMq => "zmq",
        _ => "node",
    };

    private static string End(RelayKind kind) => kind switch
    {
        RelayKind.Node => "node",
        RelayKind.ZeroMq => "zmq",
        _ => "raw",
    };

    private static void Expect(RoleProcess process, string line)
    {
        if (process.Read() is var read && read != line)
            throw new IOException($"A process of the line said '{read}' instead of '{line}'.");
    }

    private long Expect(int count)
    {
        long first = _next;
        _next += count;
        _sink.Write($"expect {first} {count}");
        Expect(_sink, "ok");
        return first;
    }

    private RoleProcess Start(string program, params IEnumerable<string> arguments)
    {
        var process = new RoleProcess(program, arguments);
        _processes.Add(process);
        return process;
    }
}
