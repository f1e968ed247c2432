using Logos.P2P.Diagnostics;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Relay.Chunks;

/// <summary>
/// How large messages spread: in chunks, each of which its origin sends to two peers only. Everybody else says which chunks he
/// has, and asks for those that he lacks, so that all lines are busy at once and hardly anything comes twice. docs/relay.md
/// explains it. Any thread.
/// </summary>
internal sealed class ChunkRelay : IDisposable
{
    private readonly ChunkTable _table = new();
    private readonly MessageGossip _gossip;

    /// <param name="receiver">Gets what comes.</param>
    /// <param name="gossip">Knows the links, and spreads messages to those who take no chunks.</param>
    /// <param name="server">Keeps messages, and sends what is asked for.</param>
    /// <param name="frames">Makes frames.</param>
    /// <param name="clock">The time.</param>
    /// <param name="random">Chooses among peers.</param>
    /// <param name="key">Under which lists are named to us.</param>
    /// <param name="logger">Is told of what nobody thought of.</param>
    public ChunkRelay(
        IChunkReceiver receiver,
        MessageGossip gossip,
        MessageServer server,
        FramePool frames,
        NodeClock clock,
        RandomSource random,
        ShortIdKey key,
        ILogger logger)
    {
        _gossip = gossip;
        var credit = new ChunkCredit();
        Gatherer = new ChunkGatherer(_table, credit, receiver, gossip, frames, clock, random, key, logger);
        Spreader = new ChunkSpreader(_table, credit, receiver, gossip, server, frames, clock, random, key);
        server.FindChunk = id => Spreader.FindChunk(id);
    }

    /// <summary>Puts messages together.</summary>
    public ChunkGatherer Gatherer { get; }

    /// <summary>Has them go on.</summary>
    public ChunkSpreader Spreader { get; }

    /// <summary>What is remembered of messages in chunks, without the buffers that they are put together in: those are frames.</summary>
    public MemoryUse Memory => _table.MemoryAt(_gossip.Links.Length);

    /// <summary>Takes a command of `logos.chunk`.</summary>
    public DecodeStatus Receive(RelayLink from, Frame frame)
    {
        switch (frame.Command)
        {
            case Command.Chunks:
                DecodeStatus status = Gatherer.ReceiveList(from, frame, out ChunkAssembly? told);
                if (told is not null)
                    Spreader.Greet(from, told);
                return status;
            case Command.Chunk:
                Gatherer.ReceiveChunk(from, frame);
                return DecodeStatus.Ok;
            default:
                return ReceiveIndexes(from, frame);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Gatherer.Dispose();
        foreach (ChunkAssembly assembly in _table.All)
            _table.End(assembly);
    }

    private DecodeStatus ReceiveIndexes(RelayLink from, Frame frame)
    {
        DecodeStatus status = ChunkIndexCodec.TryRead(frame.Payload, out ShortId name, out ReadOnlySpan<byte> indexes);
        if (status != DecodeStatus.Ok)
            return status;
        if (!_table.TryFind(name, out ChunkAssembly? assembly))
        {
            from.Peer.CountDropped(frame.Command, DropReason.UnknownChunk);
            return status;
        }

        if (indexes.ContainsAnyInRange((byte)assembly.List.Count, byte.MaxValue))
            return DecodeStatus.Malformed;
        if (frame.Command == Command.HaveChunk)
            Gatherer.ReceiveHave(from, assembly, indexes);
        else
            Spreader.ReceiveWant(from, assembly, indexes);
        return DecodeStatus.Ok;
    }
}
