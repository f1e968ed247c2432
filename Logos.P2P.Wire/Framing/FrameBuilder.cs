namespace Logos.P2P.Wire;

/// <summary>
/// A `logos` frame whose payload is being put together in place, so that it is never copied again. Its owner guards it, and
/// ends it by <see cref="Seal"/> or <see cref="Cancel"/>.
/// </summary>
public sealed class FrameBuilder
{
    private readonly FramePool _pool;
    private readonly Frame _frame;
    private readonly int _length;

    internal FrameBuilder(FramePool pool, Frame frame, int length)
    {
        _pool = pool;
        _frame = frame;
        _length = length;
    }

    /// <summary>The payload. What was not written yet is whatever was in the buffer before.</summary>
    public Span<byte> Payload => _frame.WritablePayload[.._length];

    /// <summary>Bytes of buffer behind it.</summary>
    public int Capacity => _frame.Capacity;

    /// <summary>The payload is complete: hashes it. The caller owns a reference of the frame.</summary>
    public Frame Seal() => _pool.Seal(_frame, Command.Logos, _length);

    /// <summary>Gives the buffer back.</summary>
    public void Cancel() => _frame.Release();
}
