using System.Diagnostics;

namespace Logos.P2P.Bench.Hop;

/// <summary>
/// Measures lines of real processes. All lines of a size run at the same time and are measured in turn, round by round, so that
/// whatever the machine does meets all of them.
/// </summary>
/// <param name="load">What is sent through them.</param>
/// <param name="tell">Is told what is measured next.</param>
internal sealed class HopBench(HopLoad load, Action<string> tell)
{
    private const int WarmUpRate = 3000;

    /// <summary>Measures lines with messages of one size.</summary>
    /// <returns>What each did, in their order.</returns>
    public IReadOnlyList<HopResult> Run(int size, IReadOnlyList<LinePlan> plans)
    {
        var lines = new List<Line>();
        try
        {
            foreach (LinePlan plan in plans)
            {
                tell($"{size} bytes: {plan.Name}");
                lines.Add(new Line(plan));
                lines[^1].RunPaced(load.WarmUpMessages(size), size, WarmUpRate);
                lines[^1].AddIdle();
            }

            var rounds = plans.Select(_ => new List<HopRound>()).ToArray();
            int direct = plans.ToList().FindIndex(plan => plan.Kind == RelayKind.Direct);
            for (int number = 1; number <= load.Rounds; number++)
            {
                tell($"{size} bytes: round {number} of {load.Rounds}");
                HopRound[] round = [.. lines.Select(line => Measure(line, size))];
                double? least = direct < 0 ? null : round[direct].Median;
                for (int i = 0; i < round.Length; i++)
                {
                    int relays = plans[i].Relays;
                    rounds[i].Add(relays == 0 ? round[i] : round[i] with { PerHop = (round[i].Median - least) / relays });
                }
            }

            return [.. lines.Select((line, i) => ResultOf(line, size, rounds[i]))];
        }
        finally
        {
            foreach (Line line in lines)
                line.Dispose();
        }
    }

    /// <summary>Sums up a round.</summary>
    /// <param name="paced">Each message: when it was sent, and when each sink had it, 0 for never; in ticks.</param>
    public static HopRound Sum(IReadOnlyList<(long Sent, long[] Arrived)> paced)
    {
        (long Sent, long[] Arrived)[] whole =
            [.. paced.Where(message => !message.Arrived.Contains(0)).Select(message => (message.Sent, message.Arrived.Order().ToArray()))];
        double[] last = Delays(whole, sinks => sinks - 1);
        return new HopRound
        {
            Min = Statistics.Percentile(last, 0),
            Median = Statistics.Percentile(last, 0.5),
            P99 = Statistics.Percentile(last, 0.99),
            Max = Statistics.Percentile(last, 1),
            FirstMedian = Statistics.Percentile(Delays(whole, _ => 0), 0.5),
            MiddleMedian = Statistics.Percentile(Delays(whole, sinks => (sinks - 1) / 2), 0.5),
            Lost = paced.Sum(message => message.Arrived.Count(time => time == 0)),
        };
    }

    private static double[] Delays((long Sent, long[] Arrived)[] messages, Func<int, int> which) =>
    [
        .. messages.Select(message => Stopwatch.GetElapsedTime(message.Sent, message.Arrived[which(message.Arrived.Length)]).TotalMicroseconds)
            .Order(),
    ];

    private HopRound Measure(Line line, int size)
    {
        HopRound round = Sum(line.RunPaced(load.Messages, size, load.Rate));
        int flat = load.FlatMessages(size);
        if (flat == 0)
            return round;
        (long arrived, long ticks, TimeSpan time) = line.RunFlat(flat, size);
        return round with
        {
            Lost = round.Lost + ((long)flat * line.Plan.Sinks) - arrived,
            MessagesPerSecond = flat / Stopwatch.GetElapsedTime(0, ticks).TotalSeconds,
            CpuSecondsPerMillion = line.Plan.Relays == 0 ? null : time.TotalSeconds * 1e6 / flat,
        };
    }

    private static HopResult ResultOf(Line line, int size, List<HopRound> rounds) => new()
    {
        Name = line.Plan.Name,
        Size = size,
        Relays = line.Plan.Relays,
        Sinks = line.Plan.Sinks,
        Rounds = rounds,
        RelayMemory = line.RelayMemory,
    };
}
