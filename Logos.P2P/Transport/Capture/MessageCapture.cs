using System.Buffers;
using Logos.P2P.Wire;

namespace Logos.P2P.Transport.Capture;

/// <summary>
/// Puts together what one side of a connection sends, and writes each message with the time when it is whole: see
/// <see cref="CaptureHeader"/>. One thread at a time.
/// </summary>
/// <remarks>
/// Nothing is kept that was not received: what is not whole has been given memory as it came. A frame that is damaged is written as it
/// was; one that no node reads to its end, for its magic or its length, is the last of its connection and is left out.
/// </remarks>
/// <param name="directory">Where it goes.</param>
/// <param name="file">The file, in that directory.</param>
internal sealed class MessageCapture(CaptureDirectory directory, string file)
{
    private byte[] _bytes = [];
    private int _length;
    private bool _isUnreadable;

    /// <summary>Takes bytes as they went over the connection.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        if (_isUnreadable || directory.HasFailed)
            return;
        Append(bytes);
        int whole = WriteOverHeaders();
        if (whole > 0)
            directory.Append(file, _bytes.AsSpan(0, whole));
        Keep(_isUnreadable ? [] : _bytes.AsSpan(whole, _length - whole));
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_bytes.Length - _length < bytes.Length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_length + bytes.Length, 2 * _length));
            _bytes.AsSpan(0, _length).CopyTo(larger);
            Return();
            _bytes = larger;
        }

        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <summary>Makes captured messages of the frames that are whole. The headers of both have one size.</summary>
    /// <returns>How many bytes they are.</returns>
    private int WriteOverHeaders()
    {
        ulong time = directory.Microseconds;
        int start = 0;
        while (_length - start >= WireLimits.HeaderSize)
        {
            Span<byte> header = _bytes.AsSpan(start, WireLimits.HeaderSize);
            uint payload = FrameHeader.LengthOf(header);
            _isUnreadable = !directory.IsMagic(header) || payload > WireLimits.MaxPayload;
            if (_isUnreadable || payload > _length - start - WireLimits.HeaderSize)
                break;
            CaptureHeader.WriteOver(header, time);
            start += WireLimits.HeaderSize + (int)payload;
        }

        return start;
    }

    /// <summary>Keeps the beginning of a frame. A connection on which nothing is under way holds no memory.</summary>
    private void Keep(ReadOnlySpan<byte> rest)
    {
        rest.CopyTo(_bytes);
        _length = rest.Length;
        if (_length > 0)
            return;
        Return();
        _bytes = [];
    }

    private void Return()
    {
        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
    }
}
