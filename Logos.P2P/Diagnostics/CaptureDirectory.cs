using System.Buffers;
using Logos.P2P.Storage;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Diagnostics;

/// <summary>
/// Where messages are written as they come and go (<c>-capturemessages</c>): a directory for each peer with a file for each direction,
/// named as Bitcoin Core names them, in its format (<see cref="CaptureHeader"/>). Any thread.
/// </summary>
/// <param name="path">The directory. It is made when the first message comes.</param>
/// <param name="timeProvider">Tells the time that is written.</param>
/// <param name="logger">Is told when nothing can be written.</param>
internal sealed class CaptureDirectory(string path, TimeProvider timeProvider, ILogger logger)
{
    /// <summary>The directory in that of the network.</summary>
    public const string Name = "message_capture";

    private const int LockCount = 16;

    /// <summary>A file has one of them: two connections of one peer may share it for a moment.</summary>
    private readonly Lock[] _locks = [.. Enumerable.Range(0, LockCount).Select(_ => new Lock())];
    private int _hasFailed;

    private ulong Microseconds => (ulong)((timeProvider.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);

    /// <summary>Writes down what goes over a connection. A colon is no character for the name of a file everywhere.</summary>
    public MessageCapture Open(NetEndpoint peer) => new(this, peer.ToString().Replace(':', '_'));

    /// <summary>Adds frames to the end of a file. Once that fails nothing is tried again: the disk is full, as a rule.</summary>
    public void Append(string peer, string name, ReadOnlySpan<byte> frames)
    {
        if (Volatile.Read(ref _hasFailed) != 0)
            return;
        byte[] messages = ArrayPool<byte>.Shared.Rent(frames.Length);
        frames.CopyTo(messages);
        WriteOverHeaders(messages.AsSpan(0, frames.Length));
        try
        {
            lock (_locks[(uint)string.GetHashCode(peer, StringComparison.Ordinal) % LockCount])
                Write(Path.Combine(path, peer), name, messages.AsSpan(0, frames.Length));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The error names the file, and so the peer, which the log does not tell.
            if (Interlocked.Exchange(ref _hasFailed, 1) == 0)
                Log.CaptureFailed(logger, path, e.Message.Replace(peer, "(peer)", StringComparison.Ordinal));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(messages);
        }
    }

    /// <summary>Makes captured messages of frames: the headers of both have one size.</summary>
    private void WriteOverHeaders(Span<byte> frames)
    {
        ulong time = Microseconds;
        while (!frames.IsEmpty)
        {
            uint payload = CaptureHeader.WriteOver(frames, time);
            frames = frames[(CaptureHeader.Size + (int)payload)..];
        }
    }

    /// <summary>
    /// Opens the file each time: captured connections need no more descriptors than others, and whoever reads or deletes the
    /// files is in nobody's way.
    /// </summary>
    private static void Write(string directory, string name, ReadOnlySpan<byte> messages)
    {
        using FileStream file = Open(directory, name);
        long start = file.Position;
        try
        {
            file.Write(messages);
        }
        catch (IOException)
        {
            // Behind half a message no other could be found.
            file.SetLength(start);
            throw;
        }
    }

    private static FileStream Open(string directory, string name)
    {
        FileStreamOptions options = new FileStreamOptions
        {
            Mode = FileMode.Append,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
        }.ForOwnerOnly();
        string file = Path.Combine(directory, name);
        try
        {
            return new FileStream(file, options);
        }
        catch (DirectoryNotFoundException)
        {
            OwnerOnly.CreateDirectory(directory);
            return new FileStream(file, options);
        }
    }
}
