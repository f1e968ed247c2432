using System.Diagnostics;

namespace Logos.P2P.Bench.Soak;

/// <summary>What a process that runs a node holds at one moment.</summary>
/// <param name="Heap">Bytes of objects after a full collection.</param>
/// <param name="Resident">Bytes of memory that the system has given it.</param>
/// <param name="Handles">Open descriptors, without those of the assemblies, which the runtime opens when it first needs them.</param>
/// <param name="Threads">Threads.</param>
internal readonly record struct SoakSample(long Heap, long Resident, long Handles, long Threads)
{
    /// <summary>What this process holds.</summary>
    public static SoakSample Take()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        using var process = Process.GetCurrentProcess();
        return new SoakSample(
            GC.GetTotalMemory(forceFullCollection: false), process.WorkingSet64, CountDescriptors(), process.Threads.Count);
    }

    /// <summary>The open descriptors of this process, without those of the assemblies.</summary>
    public static int CountDescriptors() => Directory.GetFileSystemEntries("/proc/self/fd").Count(handle => !IsAssembly(handle));

    private static bool IsAssembly(string handle) => new FileInfo(handle).LinkTarget is { } file && file.EndsWith(".dll", StringComparison.Ordinal);
}
