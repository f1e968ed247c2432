using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Logos.P2P.Diagnostics;
using Logos.P2P.Wire;

namespace Logos.P2P.Relay.Chunks;

/// <summary>The messages that travel in chunks just now, by the names of their lists. Bounded. Guards itself.</summary>
internal sealed class ChunkTable
{
    /// <summary>Lists at once: seventeen large messages a second for as long as each is served.</summary>
    public const int MaxLists = 512;

    /// <summary>
    /// Lists of messages that are not here and that one peer was the first to bring: a quarter. An upper layer that sends a hundred
    /// at once is no attacker.
    /// </summary>
    public const int MaxListsOfPeer = 128;

    /// <summary>Bytes of buffers in which messages are put together: eight of the largest kind.</summary>
    public const long MaxBufferBytes = 8L * Transport.ByteBudget.LargestFrame;

    /// <summary>The same of those whose first chunk one peer brought: four of the largest kind.</summary>
    public const long MaxBufferBytesOfPeer = 4L * Transport.ByteBudget.LargestFrame;

    /// <summary>
    /// How long a message without progress is waited for, and chunks of one that is here are served: after that whoever wants it
    /// asks for the whole.
    /// </summary>
    public static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Dictionary<ShortId, ChunkAssembly> _byName = [];
    private ImmutableArray<ChunkAssembly> _all = [];

    /// <summary>All of them, at one moment.</summary>
    public ImmutableArray<ChunkAssembly> All => _all;

    /// <summary>What is remembered besides buffers, which are frames.</summary>
    public MemoryUse MemoryAt(int links)
    {
        long bytes = 0;
        ImmutableArray<ChunkAssembly> all = _all;
        foreach (ChunkAssembly assembly in all)
        {
            lock (assembly)
                bytes += assembly.Bytes;
        }

        const long most = ChunkAssembly.ObjectBytes + ((long)ChunkList.MaxCount * ChunkAssembly.BytesOfChunk);
        return new MemoryUse(all.Length, bytes, MaxLists * (most + ((long)links * ChunkPart.Bytes)));
    }

    public bool TryFind(ShortId name, [NotNullWhen(true)] out ChunkAssembly? assembly)
    {
        lock (_gate)
            return _byName.TryGetValue(name, out assembly);
    }

    /// <summary>
    /// Adds one, unless one of its name is there. Where there are too many, the one that did nothing for longest goes, of those
    /// of which nothing is here if there are any: a list costs its bringer nothing.
    /// </summary>
    /// <returns>The one of that name; null when its bringer has brought too many.</returns>
    public ChunkAssembly? GetOrAdd(ShortId name, Func<ChunkAssembly> create, RelayLink? bringer)
    {
        ChunkAssembly added;
        ChunkAssembly? oldest;
        lock (_gate)
        {
            if (_byName.TryGetValue(name, out ChunkAssembly? known))
                return known;
            if (bringer is not null && CountOf(bringer) >= MaxListsOfPeer)
                return null;
            oldest = _all.Length >= MaxLists ? _all.MinBy(assembly => (!assembly.IsBare, assembly.ProgressAt)) : null;
            added = create();
            added.Frame.AddReference();
            _byName.Add(name, added);
            _all = _all.Add(added);
        }

        if (oldest is not null)
            End(oldest);
        return added;
    }

    /// <summary>
    /// Sees to it that there is memory for one more buffer. Where there is none, what makes no progress to speak of gives way; what
    /// is being judged does not, since that frees nothing.
    /// </summary>
    /// <param name="length">Of how many bytes.</param>
    /// <param name="payer">Whose share it is.</param>
    /// <param name="now">The time.</param>
    public bool TryMakeRoomFor(int length, RelayLink payer, TimeSpan now)
    {
        while (true)
        {
            ChunkAssembly[] others = [.. _all.Where(other => other.BufferBytes > 0)];
            ChunkAssembly[] ofPeer = [.. others.Where(other => other.Payer == payer)];
            bool isTooMuch = ofPeer.Sum(other => (long)other.BufferBytes) + length > MaxBufferBytesOfPeer;
            if (!isTooMuch && others.Sum(other => (long)other.BufferBytes) + length <= MaxBufferBytes)
                return true;
            ChunkAssembly? slowest = (isTooMuch ? ofPeer : others)
                .Where(other => other.Stage == ChunkStage.Gathering).MinBy(other => other.KeepsBufferUntil);
            if (slowest is null || now < slowest.KeepsBufferUntil)
                return false;
            End(slowest);
        }
    }

    /// <summary>Whether there is memory for one more buffer, or will be when it is needed. Nothing gives way yet.</summary>
    public bool HasRoomFor(int length, TimeSpan now)
    {
        long used = 0;
        bool givesOneWay = false;
        foreach (ChunkAssembly other in _all)
        {
            used += other.BufferBytes;
            givesOneWay |= other is { Stage: ChunkStage.Gathering, BufferBytes: > 0 } && other.KeepsBufferUntil <= now;
        }

        return givesOneWay || used + length <= MaxBufferBytes;
    }

    /// <summary>Nothing more is done with one.</summary>
    public void End(ChunkAssembly assembly)
    {
        lock (assembly)
            assembly.End();
        lock (_gate)
        {
            // It may have ended before, and come again since.
            if (!_byName.TryGetValue(assembly.Name, out ChunkAssembly? current) || current != assembly)
                return;
            _byName.Remove(assembly.Name);
            _all = _all.Remove(assembly);
        }

        assembly.Frame.Release();
    }

    private int CountOf(RelayLink bringer) =>
        _all.Count(assembly => assembly.Bringer == bringer && assembly.Stage == ChunkStage.Gathering);
}
