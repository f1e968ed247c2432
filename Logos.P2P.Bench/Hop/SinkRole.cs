using System.Diagnostics;

namespace Logos.P2P.Bench.Hop;

/// <summary>The process at the end of a line, or of several that begin at one relay: remembers when messages came.</summary>
/// <remarks>
/// Lines it takes: <c>expect FIRST COUNT</c>, answered with "ok"; then <c>report SECONDS</c>, answered when all have come or the time
/// is over, with the ticks at which each sink had each message, 0 for never: sink by sink; or <c>span SECONDS</c>, answered with the
/// number of messages that came, and the ticks of the first and of the last one.
/// </remarks>
internal sealed class SinkRole
{
    private readonly IEnd[] _sinks;
    private volatile Expected _expected = new(0, 0, 0);

    /// <param name="from">The port of the last relay.</param>
    /// <param name="kind">What that is.</param>
    /// <param name="count">How many sinks.</param>
    private SinkRole(int from, EndKind kind, int count)
    {
        _sinks = new IEnd[count];
        for (int i = 0; i < count; i++)
        {
            int sink = i;
            _sinks[i] = Ends.Sink(kind, from, number => _expected.Note(sink, number));
        }
    }

    public static void Run(int from, EndKind kind, int count)
    {
        var role = new SinkRole(from, kind, count);
        new Thread(role.Read) { IsBackground = true, Priority = ThreadPriority.AboveNormal }.Start();
        Console.WriteLine("ready");
        while (Console.ReadLine() is { } line)
        {
            string[] words = line.Split(' ');
            if (words[0] == "expect")
                role._expected = new Expected(long.Parse(words[1]), int.Parse(words[2]), count);
            Expected expected = role._expected;
            if (words[0] != "expect")
                expected.Wait(TimeSpan.FromSeconds(double.Parse(words[1])));
            Console.WriteLine(words[0] switch
            {
                "expect" => "ok",
                "span" => expected.Span(),
                _ => string.Join(' ', expected.Times),
            });
        }
    }

    private void Read()
    {
        if (_sinks.Length > 1)
            EndConnection.ReadAll([.. _sinks.Cast<EndConnection>()]);
        else
            Ends.ReadAll(_sinks[0]);
    }

    private sealed class Expected(long first, int count, int sinks)
    {
        private readonly TaskCompletionSource _isComplete = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left = count * sinks;

        public long[] Times { get; } = new long[count * sinks];

        public void Note(int sink, long number)
        {
            long index = number - first;
            if (index < 0 || index >= count)
                return;
            Times[(sink * count) + index] = Stopwatch.GetTimestamp();
            if (--_left == 0)
                _isComplete.SetResult();
        }

        public void Wait(TimeSpan atMost) => _isComplete.Task.Wait(atMost);

        public string Span()
        {
            long[] came = [.. Times.Where(time => time > 0)];
            return $"{came.Length} {came.DefaultIfEmpty().Min()} {came.DefaultIfEmpty().Max()}";
        }
    }
}
