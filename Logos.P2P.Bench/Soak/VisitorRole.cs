using System.Diagnostics;
using System.Net.Sockets;
using Logos.P2P.Bench.Hop;

namespace Logos.P2P.Bench.Soak;

/// <summary>
/// Peers that come and go: each stays for a while, and every other one takes all messages, the others only hear of them. Half of them
/// leave as a program does that crashes.
/// </summary>
/// <remarks>Lines it takes: <c>run SECONDS</c>, answered when the time is over and all are gone, with how many came.</remarks>
internal static class VisitorRole
{
    /// <summary>A visit is shorter than this: long enough to be handed messages, and short enough that many come in a minute.</summary>
    private const double LongestVisitSeconds = 15;

    public static void Run(int port, int count)
    {
        Console.WriteLine("ready");
        while (Console.ReadLine() is { } line)
        {
            long end = Stopwatch.GetTimestamp() + (long)(double.Parse(line.Split(' ')[1]) * Stopwatch.Frequency);
            long visits = 0;
            Thread[] threads = [.. Enumerable.Range(0, count).Select(number => new Thread(() =>
            {
                while (Stopwatch.GetTimestamp() < end)
                {
                    Visit(port, number, end);
                    Interlocked.Increment(ref visits);
                }
            }))];
            foreach (Thread thread in threads)
                thread.Start();
            foreach (Thread thread in threads)
                thread.Join();
            Console.WriteLine(visits);
        }
    }

    private static void Visit(int port, int number, long end)
    {
        long leave = Math.Min(end, Stopwatch.GetTimestamp() + (long)(Random.Shared.NextDouble() * LongestVisitSeconds * Stopwatch.Frequency));
        using EndConnection connection = number % 2 == 0 ? EndConnection.DialIdle(port) : EndConnection.Dial(port, isNode: true, _ => { });
        while (leave - Stopwatch.GetTimestamp() is > 0 and var left)
        {
            if (connection.Socket.Poll(Stopwatch.GetElapsedTime(0, left), SelectMode.SelectRead) && !connection.Read())
                return;
        }

        if (Random.Shared.Next(2) == 0)
            connection.Socket.LingerState = new LingerOption(true, 0);
    }
}
