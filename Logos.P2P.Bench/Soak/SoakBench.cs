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
        using var line = new Line(new LinePlan(RelayKind.Node, program) { Sinks = parameters.Sinks, DataDirectory = directory });
        using var visitors = new RoleProcess(program, "visitors", $"{line.Port}", $"{parameters.Visitors}");
        visitors.Expect("ready");

        report($"Fills the node with {parameters.Fill} messages.");
        for (int left = parameters.Fill; left > 0; left -= FillBatch)
            line.RunFlat(Math.Min(left, FillBatch), parameters.Size);

        var samples = new List<SoakSample>();
        long messages = 0, lost = 0, visits = 0;
        TimeSpan sending = TimeSpan.Zero;
        for (int cycle = 1; cycle <= parameters.Cycles; cycle++)
        {
            visitors.Write($"run {parameters.Cycle.TotalSeconds}");
            for (TimeSpan left = parameters.Cycle; left > TimeSpan.Zero; left -= Batch)
            {
                int count = (int)((left < Batch ? left : Batch).TotalSeconds * parameters.Rate);
                (long Sent, long[] Arrived)[] times = line.RunPaced(count, parameters.Size, parameters.Rate);
                sending += Stopwatch.GetElapsedTime(times[0].Sent, times[^1].Sent);
                lost += times.Sum(message => message.Arrived.Count(time => time == 0));
                messages += count;
            }

            visits += visitors.ReadNumbers()[0];
            samples.Add(SampleOf(line.Relay));
            report($"{cycle} of {parameters.Cycles}: {messages} messages, {lost} lost, {visits} visits, {samples[^1]}");
        }

        return new SoakResult(parameters, samples, messages, lost, visits, messages / sending.TotalSeconds);
    }

    /// <summary>What the node holds when none but its lasting peers are there.</summary>
    private SoakSample SampleOf(RoleProcess node)
    {
        // The source is a peer too.
        int lasting = parameters.Sinks + 1;
        node.Write($"settle {lasting}");
        if (node.ReadNumbers()[0] is var connected && connected != lasting)
            throw new IOException($"The node has {connected} peers where {lasting} are left.");
        node.Write($"sample");
        long[] numbers = node.ReadNumbers();
        return new SoakSample(numbers[0], numbers[1], numbers[2], numbers[3]);
    }
}
