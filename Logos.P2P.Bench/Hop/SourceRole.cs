using System.Diagnostics;
using System.Net.Sockets;

namespace Logos.P2P.Bench.Hop;

/// <summary>The process at the beginning of a line: sends numbered messages and remembers when.</summary>
/// <remarks>
/// Lines it takes: <c>run FIRST COUNT SIZE RATE</c>. It answers with the ticks at which each message was given to the kernel; with
/// a rate of 0, all at once, with those of the first and of the last one.
/// </remarks>
internal static class SourceRole
{
    private const int Burst = 64 * 1024;

    /// <param name="to">Where it dials; null when the sink dials it.</param>
    /// <param name="kind">What is there.</param>
    public static void Run(int? to, EndKind kind)
    {
        using IEnd connection = to is { } port ? Ends.Source(kind, port) : Accept();
        if (kind == EndKind.Node)
            new Thread(() => Ends.ReadAll(connection)) { IsBackground = true }.Start();
        Console.WriteLine("ready");
        while (Console.ReadLine() is { } line)
        {
            long[] numbers = [.. line.Split(' ')[1..].Select(long.Parse)];
            var frames = new HopFrames(numbers[0], (int)numbers[1], (int)numbers[2]);
            long[] times = numbers[3] == 0
                ? SendAll(connection, frames)
                : SendPaced(connection, frames, (int)numbers[1], Stopwatch.Frequency / numbers[3]);
            Console.WriteLine(string.Join(' ', times));
        }
    }

    private static EndConnection Accept()
    {
        using Socket listener = Ports.Listen(out int port);
        Console.WriteLine(port);
        return EndConnection.Accepted(listener.Accept());
    }

    private static long[] SendAll(IEnd connection, HopFrames frames)
    {
        long start = Stopwatch.GetTimestamp();
        int each = Math.Max(1, Burst / frames[0].Length);
        for (int i = 0; i < frames.Count; i += each)
            connection.Send(frames.Range(i, Math.Min(each, frames.Count - i)));
        return [start, Stopwatch.GetTimestamp()];
    }

    private static long[] SendPaced(IEnd connection, HopFrames frames, int count, long interval)
    {
        long[] times = new long[count];
        long next = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            next += interval;
            // To the millisecond: above 1,000 a second that is a few at once every millisecond, and nobody burns a processor waiting.
            Thread.Sleep(TimeSpan.FromTicks(Math.Max(0, Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), next).Ticks)));
            times[i] = Stopwatch.GetTimestamp();
            connection.Send(frames[i]);
        }

        return times;
    }
}
