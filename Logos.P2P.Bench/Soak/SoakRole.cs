using System.Diagnostics;
using Logos.P2P.Bench.Hop;
using Microsoft.Extensions.Logging.Abstractions;

namespace Logos.P2P.Bench.Soak;

/// <summary>The node that is soaked: as any program would embed it, with a database on disk.</summary>
/// <remarks>
/// Lines it takes: <c>wait PEERS</c>, answered with how many are connected when it is just so many, or when that has been waited for
/// long enough; <c>sample</c>, answered with the numbers of a <see cref="SoakSample"/>.
/// </remarks>
internal static class SoakRole
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    /// <summary>Many times what a connection needs to end.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <param name="directory">Where it keeps what outlasts it.</param>
    public static async Task RunAsync(string directory)
    {
        await using P2PNode node = NodeRole.Create(null, NullLoggerFactory.Instance, directory);
        await node.StartAsync();
        Console.WriteLine(node.ListeningEndpoints[0].Port);
        while (await Console.In.ReadLineAsync() is { } line)
        {
            switch (line.Split(' '))
            {
                case ["wait", var peers]:
                    long start = Stopwatch.GetTimestamp();
                    while (node.ConnectionCount != int.Parse(peers) && Stopwatch.GetElapsedTime(start) < Patience)
                        await Task.Delay(Poll);
                    Console.WriteLine(node.ConnectionCount);
                    break;
                case ["sample"]:
                    Console.WriteLine(Sample());
                    break;
                default:
                    throw new InvalidDataException($"Unknown to a node that is soaked: '{line}'.");
            }
        }
    }

    private static string Sample()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        using var process = Process.GetCurrentProcess();
        int handles = Directory.GetFileSystemEntries("/proc/self/fd").Length;
        return $"{GC.GetTotalMemory(forceFullCollection: false)} {process.WorkingSet64} {handles} {process.Threads.Count}";
    }
}
