using System.Collections.Immutable;
using System.Diagnostics.Metrics;

namespace Logos.P2P.Diagnostics;

/// <summary>What is measured of memory: by owner, by the collector's generations, and what is neither.</summary>
internal static class MemoryInstruments
{
    /// <summary>The collector's generations by their place in what it tells.</summary>
    private static readonly ImmutableArray<string> Generations = ["gen0", "gen1", "gen2", "loh", "poh"];

    public static void Create(Meter meter, P2PNode node)
    {
        meter.CreateObservableUpDownCounter(
            "logos.p2p.memory.usage", () => ByOwner(node, use => use.Bytes), "By", "Bytes by owner; frames are in several, see MemoryAccount.");
        meter.CreateObservableUpDownCounter(
            "logos.p2p.memory.limit", () => ByOwner(node, use => use.Capacity), "By", "Bytes that an owner may have at most.");
        meter.CreateObservableUpDownCounter(
            "logos.p2p.memory.entries", () => ByOwner(node, use => use.Entries), "{entry}", "How many things an owner has.");
        meter.CreateObservableCounter(
            "logos.p2p.memory.evictions", () => ByOwner(node, use => use.Evicted), "{entry}", "How many had to go to make room.");
        meter.CreateObservableUpDownCounter(
            "logos.p2p.process.heap", Heap, "By", "The collector's heaps after the last collection.");
        meter.CreateObservableUpDownCounter(
            "logos.p2p.process.unmanaged", Unmanaged, "By", "What the process has from the system and the collector has not.");
    }

    private static IEnumerable<Measurement<long>> ByOwner(P2PNode node, Func<MemoryUse, long> read) =>
        node.GetMemory() is { } memory
            ? memory.ByOwner.Select(owner => new Measurement<long>(read(owner.Use), new KeyValuePair<string, object?>("logos.owner", owner.Name)))
            : [];

    private static IEnumerable<Measurement<long>> Heap()
    {
        GCMemoryInfo info = GC.GetGCMemoryInfo();
        for (int i = 0; i < Generations.Length; i++)
        {
            yield return new Measurement<long>(
                info.GenerationInfo[i].SizeAfterBytes, new KeyValuePair<string, object?>("dotnet.gc.heap.generation", Generations[i]));
        }
    }

    private static long Unmanaged() => Math.Max(0, Environment.WorkingSet - GC.GetGCMemoryInfo().TotalCommittedBytes);
}
