using System.Buffers.Binary;
using Logos.P2P.Diagnostics;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Transport.Capture;

/// <summary>
/// Where captured messages are written: a directory for each peer with a file for each direction, named as Bitcoin Core names them.
/// Any thread.
/// </summary>
/// <param name="path">The directory. It is made when the first message comes.</param>
/// <param name="network">Whose magic the frames have.</param>
/// <param name="timeProvider">Tells the time that is written.</param>
/// <param name="logger">Is told when nothing can be written.</param>
internal sealed class CaptureDirectory(string path, P2PNetwork network, TimeProvider timeProvider, ILogger logger)
{
    /// <summary>The directory in that of the network.</summary>
    public const string Name = "message_capture";

    private readonly Lock _gate = new();
    private readonly uint _magic = network.Magic();
    private volatile bool _hasFailed;

    /// <summary>Whether nothing could be written once. Nothing is tried again: the disk is full, as a rule.</summary>
    public bool HasFailed => _hasFailed;

    /// <summary>The time, in microseconds since 1970.</summary>
    public ulong Microseconds => (ulong)((timeProvider.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);

    /// <summary>What a peer sends.</summary>
    public MessageCapture Received(NetEndpoint peer) => Open(peer, "msgs_recv.dat");

    /// <summary>What is sent to a peer.</summary>
    public MessageCapture Sent(NetEndpoint peer) => Open(peer, "msgs_sent.dat");

    /// <summary>Whether a header begins with the magic of the network.</summary>
    public bool IsMagic(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadUInt32LittleEndian(header) == _magic;

    /// <summary>
    /// Adds to the end of a file. It is opened each time: captured connections need no more descriptors than others, and whoever
    /// reads or deletes the files is in nobody's way.
    /// </summary>
    public void Append(string file, ReadOnlySpan<byte> records)
    {
        string full = Path.Combine(path, file);
        try
        {
            // Two connections of one peer may share a file for a moment.
            lock (_gate)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(full)!);
                using var stream = new FileStream(full, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
                stream.Write(records);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _hasFailed = true;
            Log.CaptureFailed(logger, path, e.Message);
        }
    }

    /// <summary>A colon is no character for the name of a file everywhere.</summary>
    private MessageCapture Open(NetEndpoint peer, string file) =>
        new(this, Path.Combine(peer.ToString().Replace(':', '_'), file));
}
