namespace Logos.P2P.Bench.Soak;

/// <summary>What a node holds at one moment, when none but its lasting peers are there.</summary>
/// <param name="Heap">Bytes of objects after a full collection.</param>
/// <param name="Resident">Bytes of memory that the system has given it.</param>
/// <param name="Handles">Open descriptors.</param>
/// <param name="Threads">Threads.</param>
internal readonly record struct SoakSample(long Heap, long Resident, long Handles, long Threads);
