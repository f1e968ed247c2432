using Logos.P2P.Transport;
using Logos.P2P.Wire;

namespace Logos.P2P.Relay.Chunks;

/// <summary>
/// What is to be said about a message in chunks: collected while the message is locked, sent when it is not. A value of one
/// call.
/// </summary>
internal readonly struct ChunkOutbox(FramePool frames)
{
    private readonly List<(RelayLink To, Frame Frame)> _frames = [];

    /// <summary>Tells a peer that chunks are here, and the list first if it does not know it.</summary>
    public void TellHere(ChunkAssembly assembly, ChunkPart part, ReadOnlySpan<byte> indexes)
    {
        if (indexes.IsEmpty)
            return;
        TellList(assembly, part);
        Add(part.Link, frames.Create(Command.HaveChunk, NameTo(part.Link, assembly), indexes));
    }

    /// <summary>Tells a peer that all is here, and is the message; one that has it too, so that it need not announce it.</summary>
    public void TellWhole(ChunkAssembly assembly, ChunkPart part)
    {
        if (part.IsTold)
            return;
        TellList(assembly, part);
        part.IsTold = true;
        Add(part.Link, frames.Create(Command.HaveChunk, NameTo(part.Link, assembly), []));
    }

    /// <summary>Tells a peer of what the message consists.</summary>
    public void TellList(ChunkAssembly assembly, ChunkPart part)
    {
        if (part.KnowsList || assembly.Stage == ChunkStage.Over)
            return;
        part.KnowsList = true;
        assembly.Frame.AddReference();
        Add(part.Link, assembly.Frame);
    }

    /// <summary>Asks for chunks.</summary>
    public void Ask(ChunkAssembly assembly, IReadOnlyList<ChunkQuestion> questions)
    {
        foreach (ChunkQuestion question in questions)
            Add(question.Link, frames.Create(Command.WantChunk, NameTo(question.Link, assembly), question.Indexes));
    }

    /// <summary>Sends all of it, in order.</summary>
    public void Send()
    {
        foreach ((RelayLink to, Frame frame) in _frames)
            to.Peer.Send(frame, SendLane.Small);
    }

    private static ShortId NameTo(RelayLink link, ChunkAssembly assembly) => ShortId.Of(assembly.Frame.Id, link.Key!.Value);

    private void Add(RelayLink to, Frame frame) => _frames.Add((to, frame));
}
