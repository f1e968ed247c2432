using Logos.P2P.Wire;

namespace Logos.P2P.Diagnostics;

/// <summary>Writes down what goes over one connection.</summary>
/// <param name="directory">Where to.</param>
/// <param name="peer">The peer, as its directory is named.</param>
internal sealed class MessageCapture(CaptureDirectory directory, string peer)
{
    /// <summary>A frame has come, and will be handled.</summary>
    public void Received(Frame frame) => directory.Append(peer, "msgs_recv.dat", frame.Memory.Span);

    /// <summary>Whole frames are about to be sent.</summary>
    public void Sent(ReadOnlyMemory<byte> frames) => directory.Append(peer, "msgs_sent.dat", frames.Span);
}
