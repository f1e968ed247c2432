using System.Buffers;
using Logos.P2P.Wire;

namespace Logos.P2P.Node.Captures;

/// <summary>Reads a file that <c>-capturemessages</c> wrote, message by message, as far as it went when it was opened.</summary>
internal sealed class CaptureReader : IDisposable
{
    /// <summary>Small: there may be files of thousands of peers.</summary>
    private const int BufferSize = 4096;

    private readonly Stream _file;
    private readonly string _path;
    private readonly string _peer;
    private readonly bool _isReceived;
    private readonly long _end;

    /// <param name="file">What is in it. Disposed with the reader.</param>
    /// <param name="path">Where it is: the file's name says which direction, and its directory's name which peer.</param>
    public CaptureReader(Stream file, string path)
    {
        _file = file;
        _path = path;
        _end = file.Length;
        _isReceived = IsReceived(path);
        _peer = Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path))) ?? "";
    }

    /// <summary>Opens a file, to which a node may be adding.</summary>
    /// <exception cref="IOException">It is none by its name, or cannot be read.</exception>
    public static CaptureReader Open(string path)
    {
        if (!IsReceived(path) && !Path.GetFileName(path).Contains("sent", StringComparison.Ordinal))
            throw new IOException($"'{path}': the name says neither recv nor sent, as those of captured messages do.");
        return new CaptureReader(
            new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, BufferSize), path);
    }

    /// <summary>The next message.</summary>
    /// <returns>False at the end of the file.</returns>
    /// <exception cref="IOException">It is damaged; the message says where.</exception>
    public bool TryRead(out CapturedMessage message)
    {
        long start = _file.Position;
        message = default;
        if (start >= _end)
            return false;
        Span<byte> bytes = stackalloc byte[CaptureHeader.Size];
        if (_end - start < bytes.Length)
            throw CutShort(start);
        try
        {
            _file.ReadExactly(bytes);
            CaptureHeader header = CaptureHeader.Read(bytes);
            if (header.PayloadLength > WireLimits.MaxPayload)
            {
                throw new IOException(
                    $"'{_path}': at byte {start} there is no message, or one of {header.PayloadLength} bytes; the largest have "
                    + $"{WireLimits.MaxPayload}.");
            }

            if (header.PayloadLength > _end - _file.Position)
                throw CutShort(start);
            message = new CapturedMessage(_peer, _isReceived, header, ReadPayload(header));
            return true;
        }
        catch (EndOfStreamException)
        {
            // It has become shorter.
            throw CutShort(start);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static bool IsReceived(string path) => Path.GetFileName(path).Contains("recv", StringComparison.Ordinal);

    private MessageId? ReadPayload(in CaptureHeader header)
    {
        int length = (int)header.PayloadLength;
        if (header.Command != Wire.Command.Logos.Name())
        {
            _file.Seek(length, SeekOrigin.Current);
            return null;
        }

        byte[] payload = ArrayPool<byte>.Shared.Rent(length);
        _file.ReadExactly(payload, 0, length);
        MessageId id = MessageId.Compute(payload.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(payload);
        return id;
    }

    private IOException CutShort(long start) =>
        new($"'{_path}' ends in the middle of a message, which begins at byte {start}: a node is writing it, or was killed while it did.");
}
