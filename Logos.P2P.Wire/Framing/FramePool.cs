using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Numerics;

namespace Logos.P2P.Wire;

/// <summary>
/// Makes and recycles the frames of one network. Buffers come in powers of two up to
/// <see cref="WireLimits.ReadAhead"/> and in multiples of that above it, so that a frame being received can grow in
/// steps no larger than the read-ahead it is allowed. Takes no lock.
/// </summary>
/// <param name="network">The network whose magic the frames carry.</param>
public sealed class FramePool(P2PNetwork network)
{
    /// <summary>
    /// Most bytes of unused buffers kept for reuse, of each of two kinds: up to <see cref="WireLimits.ReadAhead"/>, and
    /// larger. Enough for a burst of small frames at every peer, and for all the buffers that one frame of the largest
    /// size grows through; whoever sends large frames must not use up the place of the small ones. What is returned above
    /// it goes to the garbage collector.
    /// </summary>
    public const long MaxRetainedBytes = 36 * 1024 * 1024;

    /// <summary>A 256-byte message, the most common kind, with its header.</summary>
    private const int SmallestCapacity = 512;

    /// <summary>One small frame of each kind, besides which so much less is kept.</summary>
    private const long LastBytes = ((1 << SmallClassCount) - 1) * SmallestCapacity;

    /// <summary>A frame in <see cref="_used"/>: there is room for a terabyte below it, and for millions.</summary>
    private const long OneFrame = 1L << 40;

    private const int SmallClassCount = 10;
    private const int LargeClassCount = WireLimits.MaxPayload / WireLimits.ReadAhead;

    private readonly ConcurrentQueue<Frame>[] _free =
        [.. Enumerable.Range(0, SmallClassCount + LargeClassCount).Select(_ => new ConcurrentQueue<Frame>())];

    /// <summary>
    /// The small frame of each kind that was returned last. It is taken first, because it is in the processor's caches: where each
    /// new message makes the store forget an old one, no other is ever needed.
    /// </summary>
    private readonly Frame?[] _last = new Frame?[SmallClassCount];

    /// <summary>Bytes of the frames in use, and above them how many there are: one number, since changing it takes time.</summary>
    private long _used;
    private long _retainedSmall;
    private long _retainedLarge;
    private long _payloadsHashed;

    /// <summary>The network whose magic the frames carry.</summary>
    public P2PNetwork Network { get; } = network;

    /// <summary>Bytes of buffers of all frames that somebody owns, each once however many owners it has.</summary>
    public long UsedBytes => Interlocked.Read(ref _used) & (OneFrame - 1);

    /// <summary>How many frames somebody owns.</summary>
    public long UsedFrames => Interlocked.Read(ref _used) / OneFrame;

    /// <summary>How many frames are kept for reuse.</summary>
    public int RetainedFrames => _free.Sum(queue => queue.Count) + _last.Count(frame => frame is not null);

    /// <summary>Bytes of unused buffers kept for reuse.</summary>
    public long RetainedBytes =>
        Interlocked.Read(ref _retainedSmall) + Interlocked.Read(ref _retainedLarge) + _last.Sum(frame => frame?.Capacity ?? 0L);

    /// <summary>How many payloads were hashed since the start, received and own. A relayed message counts once.</summary>
    public long PayloadsHashed => Interlocked.Read(ref _payloadsHashed);

    internal uint Magic { get; } = network.Magic();

    /// <summary>Makes a frame around a copy of a payload.</summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The payload is larger than its command allows, or the command is <see cref="Command.Other"/>. The same goes for
    /// the other ways to make a frame: what the pool hands out is what a peer of ours will read.
    /// </exception>
    public Frame Create(Command command, ReadOnlySpan<byte> payload)
    {
        Frame frame = Rent(command, payload.Length);
        payload.CopyTo(frame.WritablePayload);
        return Seal(frame, command, payload.Length);
    }

    /// <summary>Makes a frame without payload.</summary>
    public Frame Create(Command command) => Create(command, ReadOnlySpan<byte>.Empty);

    /// <summary>Makes a `version` frame.</summary>
    public Frame Create(VersionMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return Make(Command.Version, message.GetSize(), message, static (payload, version) => version.Write(payload));
    }

    /// <summary>Makes a `feature` frame.</summary>
    public Frame Create(in FeatureMessage message) =>
        Make(Command.Feature, message.GetSize(), message, static (payload, feature) => feature.Write(payload));

    /// <summary>Makes a `ping` or `pong` frame.</summary>
    public Frame Create(Command command, ulong nonce)
    {
        Frame frame = Rent(command, PingCodec.Size);
        PingCodec.Write(nonce, frame.WritablePayload);
        return Seal(frame, command, PingCodec.Size);
    }

    /// <summary>Makes an `addrv2` frame, or an `addr` frame for a peer that did not ask for it.</summary>
    public Frame Create(ReadOnlySpan<TimedAddress> addresses, bool v2)
    {
        int size = AddressListCodec.GetSize(addresses, v2);
        return v2
            ? Make(Command.AddrV2, size, addresses, static (payload, list) => AddressListCodec.Write(list, v2: true, payload))
            : Make(Command.Addr, size, addresses, static (payload, list) => AddressListCodec.Write(list, v2: false, payload));
    }

    /// <summary>Makes an `inv`, `getdata` or `notfound` frame.</summary>
    public Frame Create(Command command, ReadOnlySpan<MessageId> ids)
    {
        int size = InventoryCodec.GetSize(ids.Length);
        Frame frame = Rent(command, size);
        InventoryCodec.Write(ids, frame.WritablePayload);
        return Seal(frame, command, size);
    }

    /// <summary>Makes a `have`, `want` or `hold` frame with one short id.</summary>
    public Frame Create(Command command, ShortId id) => Create(command, new ReadOnlySpan<ShortId>(in id));

    /// <summary>Makes a `have` or `want` frame with several short ids.</summary>
    public Frame Create(Command command, ReadOnlySpan<ShortId> ids)
    {
        int size = ids.Length * ShortIdCodec.Size;
        Frame frame = Rent(command, size);
        for (int i = 0; i < ids.Length; i++)
            ShortIdCodec.Write(ids[i], frame.WritablePayload[(i * ShortIdCodec.Size)..]);
        return Seal(frame, command, size);
    }

    /// <summary>Makes a `late` or `early` frame.</summary>
    public Frame Create(Command command, ShortId id, ushort milliseconds)
    {
        const int size = ShortIdCodec.Size + sizeof(ushort);
        Frame frame = Rent(command, size);
        ShortIdCodec.Write(id, frame.WritablePayload);
        BinaryPrimitives.WriteUInt16LittleEndian(frame.WritablePayload[ShortIdCodec.Size..], milliseconds);
        return Seal(frame, command, size);
    }

    /// <summary>Makes a `coming` frame.</summary>
    public Frame CreateComing(ShortId id, uint size)
    {
        const int length = ShortIdCodec.Size + sizeof(uint);
        Frame frame = Rent(Command.Coming, length);
        ShortIdCodec.Write(id, frame.WritablePayload);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.WritablePayload[ShortIdCodec.Size..], size);
        return Seal(frame, Command.Coming, length);
    }

    /// <summary>Makes a `graft` frame.</summary>
    public Frame CreateGraft(uint label)
    {
        Frame frame = Rent(Command.Graft, sizeof(uint));
        BinaryPrimitives.WriteUInt32LittleEndian(frame.WritablePayload, label);
        return Seal(frame, Command.Graft, sizeof(uint));
    }

    /// <summary>Makes a `chunks` frame. Its <see cref="Frame.Id"/> is what the list is known by.</summary>
    public Frame Create(ChunkList list)
    {
        ArgumentNullException.ThrowIfNull(list);
        Frame frame = Rent(Command.Chunks, list.Size);
        list.Write(frame.WritablePayload);
        return Seal(frame, Command.Chunks, list.Size);
    }

    /// <summary>Makes a `havechunk` or `wantchunk` frame.</summary>
    /// <param name="command">Which of the two.</param>
    /// <param name="name">The list's name at who receives the frame.</param>
    /// <param name="indexes">Which chunks; none in `havechunk` for all.</param>
    public Frame Create(Command command, ShortId name, ReadOnlySpan<byte> indexes)
    {
        int size = ShortIdCodec.Size + indexes.Length;
        Frame frame = Rent(command, size);
        ShortIdCodec.Write(name, frame.WritablePayload);
        indexes.CopyTo(frame.WritablePayload[ShortIdCodec.Size..]);
        return Seal(frame, command, size);
    }

    /// <summary>Makes a `chunk` frame around a copy of bytes whose hash is known, which saves hashing them again.</summary>
    public Frame CreateChunk(ReadOnlySpan<byte> bytes, in MessageId id)
    {
        Frame frame = Rent(Command.Chunk, bytes.Length);
        bytes.CopyTo(frame.WritablePayload);
        frame.Seal(Command.Chunk, bytes.Length, id);
        return frame;
    }

    /// <summary>Begins a `logos` frame of so many bytes of payload, which come in pieces and in any order.</summary>
    public FrameBuilder Build(int payloadLength) => new(this, Rent(Command.Logos, payloadLength), payloadLength);

    /// <summary>Makes a `wantshort` or `lackshort` frame.</summary>
    public Frame Create(Command command, in ShortIdKey key, ReadOnlySpan<ShortId> ids)
    {
        int size = ShortIdQueryCodec.GetSize(ids.Length);
        Frame frame = Rent(command, size);
        ShortIdQueryCodec.Write(key, ids, frame.WritablePayload);
        return Seal(frame, command, size);
    }

    /// <summary>A frame with room for <paramref name="length"/> bytes, header included.</summary>
    internal Frame Rent(int length)
    {
        int sizeClass = ClassOf(length);
        Frame? frame = sizeClass < _last.Length && _last[sizeClass] is not null
            ? Interlocked.Exchange(ref _last[sizeClass], null)
            : null;
        if (frame is null)
        {
            if (_free[sizeClass].TryDequeue(out frame))
                Interlocked.Add(ref RetainedOf(frame), -frame.Capacity);
            else
                frame = new Frame(this, CapacityOf(sizeClass));
        }

        Interlocked.Add(ref _used, OneFrame + frame.Capacity);
        frame.Rented();
        return frame;
    }

    internal void Return(Frame frame)
    {
        Interlocked.Add(ref _used, -OneFrame - frame.Capacity);
        int sizeClass = ClassOf(frame.Capacity);
        if (sizeClass < _last.Length && _last[sizeClass] is null
            && Interlocked.CompareExchange(ref _last[sizeClass], frame, null) is null)
        {
            return;
        }

        ref long retained = ref RetainedOf(frame);
        if (Interlocked.Add(ref retained, frame.Capacity) <= MaxRetainedBytes - LastBytes)
            _free[sizeClass].Enqueue(frame);
        else
            Interlocked.Add(ref retained, -frame.Capacity);
    }

    internal void CountHash() => Interlocked.Increment(ref _payloadsHashed);

    private ref long RetainedOf(Frame frame) =>
        ref frame.Capacity > WireLimits.ReadAhead ? ref _retainedLarge : ref _retainedSmall;

    private static int ClassOf(int length) => length > WireLimits.ReadAhead
        ? SmallClassCount - 1 + ((length - 1) / WireLimits.ReadAhead)
        : BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)Math.Max(length, SmallestCapacity)) / SmallestCapacity);

    private static int CapacityOf(int sizeClass) => sizeClass < SmallClassCount
        ? SmallestCapacity << sizeClass
        : (sizeClass - SmallClassCount + 2) * WireLimits.ReadAhead;

    private Frame Rent(Command command, int payloadLength)
    {
        if (command == Command.Other)
            throw new ArgumentOutOfRangeException(nameof(command), command, "A frame needs a command that has a name.");
        ArgumentOutOfRangeException.ThrowIfNegative(payloadLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payloadLength, command.MaxPayload());
        return Rent(WireLimits.HeaderSize + payloadLength);
    }

    /// <summary>Makes a frame of what may turn out to be nothing that a peer would read: then the buffer goes back.</summary>
    private Frame Make<T>(Command command, int size, T content, SpanAction<byte, T> write)
        where T : allows ref struct
    {
        Frame frame = Rent(command, size);
        try
        {
            write(frame.WritablePayload, content);
        }
        catch
        {
            frame.Release();
            throw;
        }

        return Seal(frame, command, size);
    }

    internal Frame Seal(Frame frame, Command command, int payloadLength)
    {
        frame.Seal(command, payloadLength, MessageId.Compute(frame.WritablePayload[..payloadLength]));
        CountHash();
        return frame;
    }
}
