using System.Diagnostics;

namespace Logos.P2P.Bench.Hop;

/// <summary>
/// Measures lines of real processes. All lines of a size run at the same time and are measured in turn, round by round, so that
/// whatever the machine does meets all of them.
/// </summary>
/// <param name="parameters">What to measure.</param>
/// <param name="program">The program whose roles are played.</param>
/// <param name="other">Another build of it, whose node is measured as well; null for none.</param>
/// <param name="tell">Is told what is measured next.</param>
internal sealed class HopBench(HopParameters parameters, string program, string? other, Action<string> tell)
{
    /// <summary>Messages before those that count: for compilers, trees and caches.</summary>
    private const int WarmUp = 3000;

    private const string OtherNode = "Other node";

    private const int WarmUpBytes = 50_000_000;
    private const int WarmUpRate = 3000;

    public IReadOnlyList<HopResult> Run()
    {
        var results = new List<HopResult>();
        foreach (int size in parameters.Sizes)
        {
            HopResult[] ofSize = Run(size);
            double? direct = ofSize.FirstOrDefault(result => result.Kind == nameof(RelayKind.Direct))?.Median;
            results.AddRange(ofSize.Select(result => direct is null || result.Relays == 0
                ? result
                : result with { PerHop = (result.Median - direct.Value) / result.Relays }));
        }

        return results;
    }

    private HopResult[] Run(int size)
    {
        RelayKind[] kinds =
        [
            .. parameters.Kinds.Where(kind => kind != RelayKind.ZeroMq || (ZeroMq.IsInstalled && parameters.Relays == 1 && parameters.Fanout == 1))
                .Where(kind => kind != RelayKind.Direct || parameters.Fanout == 1),
        ];
        var lines = new List<Line>();
        try
        {
            foreach (RelayKind kind in kinds)
            {
                tell($"{size} bytes: {kind}");
                lines.Add(new Line(program, kind, parameters.Relays, parameters.Fanout, kind == RelayKind.Node ? parameters.Idle : 0));
                lines[^1].RunPaced(Math.Min(WarmUp, WarmUpBytes / size), size, WarmUpRate);
            }

            if (other is not null)
            {
                tell($"{size} bytes: the other build's node");
                lines.Add(new Line(other, RelayKind.Node, parameters.Relays, parameters.Fanout, parameters.Idle) { Name = OtherNode });
                lines[^1].RunPaced(Math.Min(WarmUp, WarmUpBytes / size), size, WarmUpRate);
            }

            var rounds = lines.Select(_ => new List<Round>()).ToArray();
            for (int round = 0; round < parameters.Rounds; round++)
            {
                tell($"{size} bytes: round {round + 1} of {parameters.Rounds}");
                for (int i = 0; i < lines.Count; i++)
                    rounds[i].Add(Measure(lines[i], size));
            }

            return [.. lines.Select((line, i) => Sum(line, size, rounds[i]))];
        }
        finally
        {
            foreach (Line line in lines)
                line.Dispose();
        }
    }

    private Round Measure(Line line, int size)
    {
        (long Sent, long[] Arrived)[] paced = line.RunPaced(parameters.Messages, size, parameters.Rate);
        var whole = paced.Where(message => message.Arrived.All(time => time > 0))
            .Select(message => (message.Sent, Arrived: message.Arrived.Order().ToArray())).ToArray();
        int flat = parameters.FlatMessages(size);
        (long arrived, long ticks, TimeSpan time) = flat == 0 ? (0, 1, TimeSpan.Zero) : line.RunFlat(flat, size);
        return new Round(
            Last: [.. whole.Select(message => Microseconds(message.Arrived[^1] - message.Sent)).Order()],
            First: [.. whole.Select(message => Microseconds(message.Arrived[0] - message.Sent)).Order()],
            Middle: [.. whole.Select(message => Microseconds(message.Arrived[message.Arrived.Length / 2] - message.Sent)).Order()],
            Lost: paced.Length - whole.Length + (flat * parameters.Fanout) - arrived,
            MessagesPerSecond: flat / Stopwatch.GetElapsedTime(0, ticks).TotalSeconds,
            Cpu: flat == 0 ? 0 : time.TotalSeconds * 1e6 / flat);
    }

    private HopResult Sum(Line line, int size, List<Round> rounds)
    {
        double[] medians = [.. rounds.Select(round => At(round.Last, 0.5))];
        double median = Median(medians);
        double perSecond = Median(rounds.Select(round => round.MessagesPerSecond));
        return new HopResult
        {
            Kind = line.Name ?? line.Kind.ToString(),
            Size = size,
            Relays = line.Kind == RelayKind.Direct ? 0 : parameters.Relays,
            Fanout = parameters.Fanout,
            Lost = rounds.Sum(round => round.Lost),
            Min = rounds.Min(round => At(round.Last, 0)),
            Median = median,
            P99 = Median(rounds.Select(round => At(round.Last, 0.99))),
            Max = rounds.Max(round => At(round.Last, 1)),
            FirstMedian = Median(rounds.Select(round => At(round.First, 0.5))),
            MiddleMedian = Median(rounds.Select(round => At(round.Middle, 0.5))),
            Noise = (medians.Max() - medians.Min()) / median,
            MessagesPerSecond = perSecond,
            BytesPerSecond = perSecond * size,
            CpuSecondsPerMillion = Median(rounds.Select(round => round.Cpu)),
            RelayMemory = line.RelayMemory,
        };
    }

    private static double Microseconds(long ticks) => Stopwatch.GetElapsedTime(0, ticks).TotalMicroseconds;

    private static double Median(IEnumerable<double> values) => At([.. values.Order()], 0.5);

    /// <summary>By nearest rank; 0 of nothing.</summary>
    private static double At(double[] ascending, double part) => ascending.Length == 0
        ? 0
        : ascending[Math.Clamp((int)Math.Ceiling(part * ascending.Length) - 1, 0, ascending.Length - 1)];

    private sealed record Round(double[] Last, double[] First, double[] Middle, long Lost, double MessagesPerSecond, double Cpu);
}
