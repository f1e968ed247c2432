using System.Buffers;
using System.Buffers.Binary;
using Blake2Fast;
using Blake2Fast.Implementation;

namespace Logos.P2P.Wire;

/// <summary>Why a frame was dropped or its sender is to be disconnected.</summary>
public enum FrameError
{
    /// <summary>Nothing is wrong.</summary>
    None,

    /// <summary>The checksum is not that of the payload. The frame is dropped.</summary>
    BadChecksum,

    /// <summary>The command is not printable ASCII padded with NULs. The frame is dropped.</summary>
    BadCommand,

    /// <summary>The first four bytes are not the network's magic. The sender is disconnected.</summary>
    WrongMagic,

    /// <summary>The payload is larger than its command, or any message, may be. The sender is disconnected.</summary>
    Oversize,

    /// <summary>The payload is larger than anything in a handshake. The sender is disconnected.</summary>
    OversizeBeforeHandshake,
}

/// <summary>What <see cref="FrameReader.Read"/> found.</summary>
public enum FrameReadStatus
{
    /// <summary>All input was used and no frame is complete yet.</summary>
    NeedMore,

    /// <summary>A frame is complete.</summary>
    Frame,

    /// <summary>A frame was complete and was dropped: unknown, or wrong in a way that may be an accident.</summary>
    Dropped,

    /// <summary>The stream cannot be trusted any more. Do not read from it again.</summary>
    Violation,
}

/// <summary>The outcome of one call of <see cref="FrameReader.Read"/>.</summary>
/// <param name="Status">What was found.</param>
/// <param name="Frame">
/// The frame when <see cref="Status"/> is <see cref="FrameReadStatus.Frame"/>; the caller owns one reference.
/// </param>
/// <param name="Error">What was wrong with a dropped frame or the stream. None for an unknown command.</param>
/// <param name="Header">
/// The header of the frame found or dropped, or of the one that is too large, for counting. Nothing when there is none.
/// </param>
public readonly record struct FrameReadResult(
    FrameReadStatus Status, Frame? Frame, FrameError Error, FrameHeader Header);

/// <summary>
/// Cuts the bytes of one connection into frames: first the header, then one pooled buffer that is filled and hashed as
/// bytes arrive. Keeps what is incomplete itself, so its caller never has to keep bytes for it.
/// </summary>
/// <remarks>
/// Never owns a larger buffer than the bytes received of the current frame plus <see cref="WireLimits.ReadAhead"/>;
/// while it grows, for the time of one copy, it owns the smaller one as well. What will be dropped anyway (unknown
/// commands) is hashed and forgotten without being stored. Not thread-safe: one connection, one loop, one reader.
/// </remarks>
/// <param name="pool">Where frames come from.</param>
public sealed class FrameReader(FramePool pool) : IDisposable
{
    private const int MagicSize = 4;

    /// <summary>
    /// The buffer that a header gets: a quarter of what it may get, since a header costs its sender 24 bytes. The most
    /// common messages fit.
    /// </summary>
    private const int FirstBuffer = WireLimits.ReadAhead / 4;

    /// <summary>
    /// What has to be missing of a payload to be received where it belongs: less comes together with what follows it, and a copy
    /// of it costs less than a system call.
    /// </summary>
    private const int DirectFrom = 16 * 1024;

    /// <summary>
    /// How many times the bytes received a buffer may have before it is full: enough for the next system call to bring many, and
    /// no present to whoever sends a few.
    /// </summary>
    private const int DirectFactor = 8;

    private readonly byte[] _header = new byte[WireLimits.HeaderSize];
    private Step _step = Step.Header;
    private int _headerFilled;
    private FrameHeader _current;
    private FrameError _verdict;
    private Frame? _frame;
    private int _received;
    private Blake2bHashState _hasher;
    private bool _isHashing;

    private enum Step
    {
        Header,
        Body,
        Discard,
        Broken,
    }

    /// <summary>
    /// Whether the peer has introduced itself. Until then payloads over <see cref="WireLimits.MaxHandshakePayload"/>
    /// bytes are a violation.
    /// </summary>
    public bool IsHandshakeComplete { get; set; }

    /// <summary>Bytes of buffer held for the frame being received.</summary>
    public int BufferedCapacity => _frame?.Capacity ?? 0;

    private int PayloadLength => (int)_current.PayloadLength;

    /// <summary>
    /// Takes bytes from the front of <paramref name="input"/> until a frame is complete, something is wrong, or nothing
    /// is left. Call it again with what is left until it answers <see cref="FrameReadStatus.NeedMore"/>.
    /// </summary>
    public FrameReadResult Read(ref ReadOnlySequence<byte> input)
    {
        if (_step == Step.Broken)
            return new FrameReadResult(FrameReadStatus.Violation, null, _verdict, _current);

        if (_step == Step.Header)
        {
            if (_headerFilled == 0 && TryReadWhole(ref input, out FrameReadResult whole))
                return whole;
            FrameError error = ReadHeader(ref input);
            if (error != FrameError.None)
                return Violation(error);
            if (_headerFilled < WireLimits.HeaderSize)
                return default;
        }

        return _step == Step.Body ? ReadBody(ref input) : Discard(ref input);
    }

    /// <summary>
    /// Whether <see cref="Read"/> would find a frame in these bytes without having to wait for more. False also where it would,
    /// if they are in several pieces that a header is cut by.
    /// </summary>
    public bool IsWholeFrame(in ReadOnlySequence<byte> input)
    {
        if (_step is Step.Body or Step.Discard)
            return input.Length >= PayloadLength - _received;
        if (_step == Step.Broken)
            return true;
        ReadOnlySpan<byte> first = input.FirstSpan;
        return _headerFilled == 0 && first.Length >= WireLimits.HeaderSize
            && input.Length - WireLimits.HeaderSize >= FrameHeader.LengthOf(first);
    }

    /// <summary>
    /// Where the next bytes belong while much is missing of a payload; empty otherwise. Whoever has used up all bytes he had may
    /// receive into it instead of having them copied there, and says so by <see cref="Received"/> before he does anything else.
    /// </summary>
    public Memory<byte> GetRoom()
    {
        int missing = PayloadLength - _received;
        if (_step != Step.Body || missing < DirectFrom)
            return default;
        int room = _frame!.WritablePayload.Length - _received;
        int most = Math.Min(DirectFactor * _received, _received + WireLimits.ReadAhead);
        if (room == 0 || (room < missing && LargerCapacity <= most))
            Grow();
        return _frame.WritableMemory[_received..Math.Min(_frame.WritableMemory.Length, PayloadLength)];
    }

    /// <summary>Bytes are in the room that <see cref="GetRoom"/> gave.</summary>
    /// <param name="count">How many, from its beginning.</param>
    /// <returns>The frame, if it is complete now.</returns>
    /// <exception cref="ArgumentOutOfRangeException">So much room there was not.</exception>
    public FrameReadResult Received(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _step == Step.Body ? PayloadLength - _received : 0);
        _received += count;
        if (_received < PayloadLength || _isHashing)
            Hash(_frame!.WritablePayload.Slice(_received - count, count));
        return _received < PayloadLength ? default : Complete();
    }

    /// <summary>Gives up the frame being received.</summary>
    public void Dispose()
    {
        _frame?.Release();
        _frame = null;
        _step = Step.Broken;
    }

    /// <summary>
    /// Takes a frame that is there as a whole, as most are: one copy, and no step by step. Whatever is not in order, or in pieces,
    /// is left to those.
    /// </summary>
    private bool TryReadWhole(ref ReadOnlySequence<byte> input, out FrameReadResult result)
    {
        result = default;
        ReadOnlySpan<byte> first = input.FirstSpan;
        if (first.Length < WireLimits.HeaderSize
            || BinaryPrimitives.ReadUInt32LittleEndian(first) != pool.Magic
            || !FrameHeader.TryRead(first, out FrameHeader header)
            || header.Command == Command.Other
            || header.PayloadLength > (uint)first.Length - WireLimits.HeaderSize
            || header.PayloadLength > (uint)header.Command.MaxPayload()
            || (!IsHandshakeComplete && header.PayloadLength > WireLimits.MaxHandshakePayload))
        {
            return false;
        }

        int payload = (int)header.PayloadLength, length = WireLimits.HeaderSize + payload;
        Frame frame = pool.Rent(length);
        first[..length].CopyTo(frame.WritableFrame);
        input = input.Slice(length);
        MessageId id = MessageId.Compute(frame.WritablePayload[..payload]);
        pool.CountHash();
        if (id.Checksum != header.Checksum)
        {
            frame.Release();
            result = new FrameReadResult(FrameReadStatus.Dropped, null, FrameError.BadChecksum, header);
            return true;
        }

        frame.SealReceived(header.Command, payload, id);
        result = new FrameReadResult(FrameReadStatus.Frame, frame, FrameError.None, header);
        return true;
    }

    private FrameError ReadHeader(ref ReadOnlySequence<byte> input)
    {
        int count = (int)Math.Min(WireLimits.HeaderSize - _headerFilled, input.Length);
        input.Slice(0, count).CopyTo(_header.AsSpan(_headerFilled));
        input = input.Slice(count);
        _headerFilled += count;

        // A stranger is recognised by his first four bytes; there is no need to wait for twenty more.
        if (_headerFilled >= MagicSize && BinaryPrimitives.ReadUInt32LittleEndian(_header) != pool.Magic)
        {
            _current = default;
            return FrameError.WrongMagic;
        }

        if (_headerFilled < WireLimits.HeaderSize)
            return FrameError.None;

        bool isCommandValid = FrameHeader.TryRead(_header, out _current);
        if (_current.PayloadLength > (uint)_current.Command.MaxPayload())
            return FrameError.Oversize;
        if (!IsHandshakeComplete && _current.PayloadLength > WireLimits.MaxHandshakePayload)
            return FrameError.OversizeBeforeHandshake;

        _received = 0;
        _verdict = isCommandValid ? FrameError.None : FrameError.BadCommand;
        bool isWanted = isCommandValid && _current.Command != Command.Other;
        _step = isWanted ? Step.Body : Step.Discard;
        if (isWanted)
            _frame = pool.Rent(Math.Min(WireLimits.HeaderSize + PayloadLength, FirstBuffer));
        return FrameError.None;
    }

    private FrameReadResult ReadBody(ref ReadOnlySequence<byte> input)
    {
        while (_received < PayloadLength && !input.IsEmpty)
        {
            if (_received == _frame!.WritablePayload.Length)
                Grow();
            Span<byte> room = _frame.WritablePayload;
            room = room[_received..Math.Min(room.Length, PayloadLength)];
            int count = (int)Math.Min(room.Length, input.Length);
            input.Slice(0, count).CopyTo(room);
            input = input.Slice(count);
            FrameReadResult result = Received(count);
            if (result.Status != FrameReadStatus.NeedMore)
                return result;
        }

        // There are payloads of no bytes.
        return _received < PayloadLength ? default : Complete();
    }

    private FrameReadResult Complete()
    {
        MessageId id = FinishHash(_frame!.WritablePayload[..PayloadLength]);
        Frame frame = _frame;
        _frame = null;
        NextHeader();
        if (id.Checksum != _current.Checksum)
        {
            frame.Release();
            return new FrameReadResult(FrameReadStatus.Dropped, null, FrameError.BadChecksum, _current);
        }

        frame.Seal(_current.Command, PayloadLength, id);
        return new FrameReadResult(FrameReadStatus.Frame, frame, FrameError.None, _current);
    }

    private FrameReadResult Discard(ref ReadOnlySequence<byte> input)
    {
        long count = Math.Min(PayloadLength - _received, input.Length);
        if (_verdict == FrameError.None)
        {
            foreach (ReadOnlyMemory<byte> segment in input.Slice(0, count))
                Hash(segment.Span);
        }

        input = input.Slice(count);
        _received += (int)count;
        if (_received < PayloadLength)
            return default;

        NextHeader();
        FrameError error = _verdict;
        if (error == FrameError.None && FinishHash([]).Checksum != _current.Checksum)
            error = FrameError.BadChecksum;
        return new FrameReadResult(FrameReadStatus.Dropped, null, error, _current);
    }

    private int LargerCapacity => _frame!.Capacity + Math.Min(_frame.Capacity, WireLimits.ReadAhead);

    private void Grow()
    {
        Frame larger = pool.Rent(Math.Min(WireLimits.HeaderSize + PayloadLength, LargerCapacity));
        _frame!.WritablePayload[.._received].CopyTo(larger.WritablePayload);
        _frame.Release();
        _frame = larger;
    }

    private void Hash(ReadOnlySpan<byte> bytes)
    {
        if (!_isHashing)
        {
            _hasher = Blake2b.CreateIncrementalHasher(MessageId.Size);
            _isHashing = true;
        }

        _hasher.Update(bytes);
    }

    /// <summary>Ends the running hash or, when the payload came in one piece, hashes that piece at once.</summary>
    private MessageId FinishHash(ReadOnlySpan<byte> wholePayload)
    {
        pool.CountHash();
        if (!_isHashing)
            return MessageId.Compute(wholePayload);

        _isHashing = false;
        Span<byte> id = stackalloc byte[MessageId.Size];
        _hasher.Finish(id);
        return new MessageId(id);
    }

    private void NextHeader()
    {
        _step = Step.Header;
        _headerFilled = 0;
    }

    private FrameReadResult Violation(FrameError error)
    {
        _step = Step.Broken;
        _verdict = error;
        return new FrameReadResult(FrameReadStatus.Violation, null, error, _current);
    }
}
