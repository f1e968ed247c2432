using Logos.P2P.Peers;
using Logos.P2P.Wire;

namespace Logos.P2P.Relay.Chunks;

/// <summary>What becomes of messages that come in chunks.</summary>
internal interface IChunkReceiver
{
    /// <summary>Whether a message was here before.</summary>
    bool IsSeen(in MessageId id);

    /// <summary>The first chunk of a message is here: <see cref="ChunkGatherer.Judge"/> is told what the upper layer thinks of it.</summary>
    void ReceiveFirstChunk(Peer from, Frame chunk);

    /// <summary>Whether the upper layer wants a message that begins like this passed on before all of it is here.</summary>
    bool IsForPassing(Frame message, int firstChunk);

    /// <summary>A message is here.</summary>
    void ReceiveWhole(Peer from, Frame message);
}
