using System.Diagnostics;
using Logos.P2P.Bench.Hop;

namespace Logos.P2P.Bench.Soak;

/// <summary>
/// A node, a source, peers that last and peers that come and go, each kind a process of its own, for as long as one wants: nothing
/// may be lost and nothing may grow.
/// </summary>
/// <param name="parameters">What the node is to stand.</param>
/// <param name="report">Is told what happens.</param>
internal sealed class SoakBench(SoakParameters parameters, Action<string> report)
{
    /// <summary>Frames are made before they are sent: of so much time at once.</summary>
    private static readonly TimeSpan Batch = TimeSpan.FromSeconds(10);

    private const int FillBatch = 200_000;

    private const double PatienceSeconds = 20;

    private long _next;
    private long _messages;
    private long _lost;
    private TimeSpan _sending;

    /// <summary>The source is a peer too.</summary>
    private int LastingPeers => parameters.Sinks + 1;

    public SoakResult Run()
    {
        string directory = Directory.CreateTempSubdirectory("logosp2p-soak-").FullName;
        try
        {
            return Run(directory);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private SoakResult Run(string directory)
    {
        string program = typeof(SoakBench).Assembly.Location;
        using var node = new RoleProcess(program, "soaked", directory);
        string port = node.Read();
        using var sinks = new RoleProcess(program, "sink", port, "node", $"{parameters.Sinks}");
        sinks.Expect("ready");
        using var source = new RoleProcess(program, "source", port, "node");
        source.Expect("ready");
        using var visitors = new RoleProcess(program, "visitors", port, $"{parameters.Visitors}");
        visitors.Expect("ready");
        WaitForLasting(node);

        report($"Fills the node with {parameters.Fill} messages.");
        for (int left = parameters.Fill; left > 0; left -= FillBatch)
            Send(source, sinks, Math.Min(left, FillBatch), rate: 0);
        (_messages, _lost, _sending) = (0, 0, TimeSpan.Zero);

        var samples = new List<SoakSample>();
        long visits = 0;
        for (int cycle = 1; cycle <= parameters.Cycles; cycle++)
        {
            visitors.Write($"run {parameters.Cycle.TotalSeconds}");
            for (TimeSpan left = parameters.Cycle; left > TimeSpan.Zero; left -= Batch)
                Send(source, sinks, (int)((left < Batch ? left : Batch).TotalSeconds * parameters.Rate), parameters.Rate);

            visits += visitors.ReadNumbers()[0];
            WaitForLasting(node);
            node.Write($"sample");
            long[] numbers = node.ReadNumbers();
            samples.Add(new SoakSample(numbers[0], numbers[1], numbers[2], numbers[3]));
            report($"{cycle} of {parameters.Cycles}: {_messages} messages, {_lost} lost, {visits} visits, {samples[^1]}");
        }

        return new SoakResult(parameters, samples, _messages, _lost, visits, _messages / _sending.TotalSeconds);
    }

    private void Send(RoleProcess source, RoleProcess sinks, int count, int rate)
    {
        sinks.Write($"expect {_next} {count}");
        sinks.Expect("ok");
        source.Write($"run {_next} {count} {parameters.Size} {rate}");
        long[] times = source.ReadNumbers();
        _sending += Stopwatch.GetElapsedTime(times[0], times[^1]);
        sinks.Write($"span {PatienceSeconds}");
        _lost += ((long)count * parameters.Sinks) - sinks.ReadNumbers()[0];
        _messages += count;
        _next += count;
    }

    private void WaitForLasting(RoleProcess node)
    {
        node.Write($"wait {LastingPeers}");
        if (node.ReadNumbers()[0] is var connected && connected != LastingPeers)
            throw new IOException($"The node has {connected} peers where {LastingPeers} are left.");
    }
}
