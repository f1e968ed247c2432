using Logos.P2P.Bench.Soak;
using NUnit.Framework;

namespace Logos.P2P.Tests;

/// <summary>What this process holds of the system, so that a test can see whether all it took was given back.</summary>
/// <param name="Descriptors">Open files and sockets, without the assemblies, which the runtime opens when it first needs them.</param>
/// <param name="Threads">Threads, those of the pool included.</param>
/// <param name="Timers">Timers that are going to fire.</param>
internal readonly record struct ProcessResources(int Descriptors, int Threads, long Timers)
{
    public static ProcessResources Measure() => new(
        SoakSample.CountDescriptors(), Directory.GetDirectories("/proc/self/task").Length, Timer.ActiveCount);

    /// <summary>
    /// Waits until no more is held than this. The runtime opens and closes a few descriptors and threads of its own.
    /// </summary>
    public async Task WaitUntilGivenBackAsync()
    {
        ProcessResources before = this;
        await Eventually.IsAsync(() => Measure().Descriptors <= before.Descriptors + 3);
        await Eventually.IsAsync(() => Measure().Threads <= before.Threads + 6);
        await Eventually.IsAsync(() => Measure().Timers <= before.Timers);
        TestContext.Out.WriteLine($"Before: {before}. After: {Measure()}.");
    }

    /// <summary>The kernel's sockets at a TCP port, on either end; those that only wait out their time do not count.</summary>
    public static int SocketsAt(int port)
    {
        const string timeWait = "06";
        string local = $":{port:X4}";
        return new[] { "/proc/net/tcp", "/proc/net/tcp6" }
            .Where(File.Exists)
            .SelectMany(file => File.ReadAllLines(file).Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Count(fields => fields[3] != timeWait && (fields[1].EndsWith(local, StringComparison.Ordinal)
                || fields[2].EndsWith(local, StringComparison.Ordinal)));
    }
}
