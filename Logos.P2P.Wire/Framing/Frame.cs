namespace Logos.P2P.Wire;

/// <summary>
/// Header and payload of one message, exactly as they travel, in a pooled buffer that any number of owners share.
/// A frame is the same for every peer, so what arrived from one is sent to the others as it is.
/// </summary>
/// <remarks>
/// Life: the pool hands a frame out with one reference. Whoever keeps it beyond the call that gave it to him takes one
/// with <see cref="AddReference"/> and gives it back with <see cref="Release"/>; the last release returns the buffer
/// to the pool. After it is sealed a frame never changes, so readers need no lock.
/// </remarks>
public sealed class Frame
{
    private readonly FramePool _pool;
    private readonly byte[] _buffer;
    private int _references;
    private long _timing;
    private ulong _name;

    internal Frame(FramePool pool, int capacity)
    {
        _pool = pool;
        _buffer = GC.AllocateUninitializedArray<byte>(capacity);
        Capacity = capacity;
    }

    /// <summary>What the payload is.</summary>
    public Command Command { get; private set; }

    /// <summary>Blake2b-256 of the payload.</summary>
    public MessageId Id { get; private set; }

    /// <summary>Bytes of header and payload.</summary>
    public int Length => WireLimits.HeaderSize + PayloadLength;

    /// <summary>Bytes of payload.</summary>
    public int PayloadLength { get; private set; }

    /// <summary>Header and payload, ready to send.</summary>
    public ReadOnlyMemory<byte> Memory => _buffer.AsMemory(0, Length);

    /// <summary>The payload.</summary>
    public ReadOnlySpan<byte> Payload => _buffer.AsSpan(WireLimits.HeaderSize, PayloadLength);

    /// <summary>Bytes of buffer behind the frame: what it costs in memory.</summary>
    public int Capacity { get; }

    /// <summary>
    /// Room for whoever measures how long a frame takes, and nobody else's business. Zero when the pool hands the frame out. With
    /// <see cref="Name"/> the only thing of a sealed frame that may change.
    /// </summary>
    public ref long Timing => ref _timing;

    /// <summary>
    /// Room for what the frame's owner calls it, which follows from its id, so that it is worked out once. Zero when the pool hands
    /// the frame out.
    /// </summary>
    public ref ulong Name => ref _name;

    /// <summary>The payload while it is being filled, before the frame is sealed.</summary>
    internal Span<byte> WritablePayload => _buffer.AsSpan(WireLimits.HeaderSize);

    /// <summary>The same, for whoever fills it later.</summary>
    internal Memory<byte> WritableMemory => _buffer.AsMemory(WireLimits.HeaderSize);

    /// <summary>Adds an owner.</summary>
    /// <exception cref="InvalidOperationException">Nobody owns the frame: it is in the pool.</exception>
    public void AddReference()
    {
        int owners;
        do
        {
            owners = Volatile.Read(ref _references);
            // Not even for a moment: it may be somebody else's by then.
            if (owners <= 0)
                throw new InvalidOperationException("A frame that nobody owns cannot be shared.");
        }
        while (Interlocked.CompareExchange(ref _references, owners + 1, owners) != owners);
    }

    /// <summary>Removes an owner; the last one returns the buffer to the pool.</summary>
    /// <exception cref="InvalidOperationException">The frame was released more often than it was owned.</exception>
    public void Release()
    {
        int references = Interlocked.Decrement(ref _references);
        if (references == 0)
            _pool.Return(this);
        else if (references < 0)
            throw new InvalidOperationException("A frame was released twice.");
    }

    /// <summary>Where a whole frame is put that has been received, before it is sealed.</summary>
    internal Span<byte> WritableFrame => _buffer;

    internal void Rented()
    {
        _timing = 0;
        _name = 0;
        _references = 1;
    }

    /// <summary>Makes the frame immutable, whose header is there already.</summary>
    internal void SealReceived(Command command, int payloadLength, in MessageId id)
    {
        Command = command;
        PayloadLength = payloadLength;
        Id = id;
    }

    /// <summary>Writes the header and makes the frame immutable.</summary>
    internal void Seal(Command command, int payloadLength, in MessageId id)
    {
        SealReceived(command, payloadLength, id);
        new FrameHeader(command, (uint)payloadLength, id.Checksum).Write(_buffer, _pool.Magic);
    }
}
