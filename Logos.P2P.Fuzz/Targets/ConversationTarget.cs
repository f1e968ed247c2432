using Logos.P2P.Fuzz.Engine;
using Logos.P2P.Fuzz.World;
using Logos.P2P.Wire;

namespace Logos.P2P.Fuzz.Targets;

/// <summary>
/// Whole conversations of four peers with a node in memory. Input: steps of a byte each, four bits what and two bits who, with what
/// the step needs behind it. Nothing may fail inside the node, a peer that comes afterwards must be served, and a stop must leave
/// nothing.
/// </summary>
internal sealed class ConversationTarget : FuzzTarget
{
    private const int PeerCount = 4;

    /// <summary>Time that a step lets pass: 10 ms, and twice as much for each number more, up to 41 s.</summary>
    private const int MostDoublings = 12;

    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(10);

    private static readonly Command[] Framed = [.. Enum.GetValues<Command>().Where(command => command != Command.Other)];

    private static readonly Command[] ShortIdCommands =
    [
        Command.Have, Command.Want, Command.Late, Command.Early, Command.Coming, Command.Hold, Command.HaveChunk, Command.WantChunk,
        Command.WantShort, Command.LackShort,
    ];

    private readonly FaultLog _log = new();
    private readonly ConversationMessages _messages = new();
    private readonly PeerInMemory?[] _peers = new PeerInMemory?[PeerCount];
    private NodeInMemory _node = null!;

    private enum Step
    {
        Connect,
        ShakeHands,
        Frame,
        Message,
        Inventory,
        ShortIds,
        ChunkList,
        Chunk,
        Bytes,
        Leave,
        Pause,
        Stall,
        Propagate,
        Pong,
        Addresses,
        Report,
    }

    public override string Name => "conversation";

    public override IReadOnlyCollection<string> Assemblies => ["Logos.P2P"];

    public override IReadOnlyCollection<string> Types =>
    [
        "Logos.P2P.Peers", "Logos.P2P.Relay", "Logos.P2P.Transport.FrameWriter", "Logos.P2P.Transport.ReceiveLoop",
        "Logos.P2P.Transport.SendQueue", "Logos.P2P.Addresses.AddressGossip", "Logos.P2P.Addresses.PeerAddresses",
    ];

    public override int MaxLength => 512;

    public override IEnumerable<byte[]> Seeds()
    {
        // All shake hands in all ways; then each kind of step, with time for what it sets off.
        byte[] start =
        [
            Of(Step.Connect, 0), 0, Of(Step.ShakeHands, 0), 7, Of(Step.Connect, 1), 0, Of(Step.ShakeHands, 1), 7,
            Of(Step.Connect, 2), 1, Of(Step.ShakeHands, 2), 3, Of(Step.Connect, 3), 1, Of(Step.ShakeHands, 3), 0,
        ];
        yield return start;
        for (byte message = 0; message < 4; message++)
        {
            yield return [.. start, Of(Step.Message, 0), message, Of(Step.Message, 1), message, Of(Step.Inventory, 3), 1, message, Of(Step.Pause, 0), 7];
            for (byte command = 0; command < ShortIdCommands.Length; command++)
                yield return [.. start, Of(Step.ShortIds, 1), command, message, Of(Step.Message, 0), message, Of(Step.Pause, 0), 9];
        }

        for (byte large = 0; large < 2; large++)
        {
            yield return
            [
                .. start, Of(Step.ChunkList, 0), large, Of(Step.ShortIds, 0), 6, large,
                .. Enumerable.Range(0, ConversationMessages.ChunkCount).SelectMany(i => new[] { Of(Step.Chunk, 0), large, (byte)i }),
                Of(Step.Pause, 0), 10, Of(Step.ShortIds, 1), 7, large, Of(Step.Propagate, 0), (byte)(ConversationMessages.FirstLarge + large),
            ];
        }

        yield return [.. start, Of(Step.Propagate, 0), 1, Of(Step.Report, 0), 1, Of(Step.Addresses, 1), 5, Of(Step.Pause, 0), 12, Of(Step.Pong, 0), Of(Step.Leave, 0)];
        yield return [.. start, Of(Step.Stall, 1), Of(Step.Propagate, 0), ConversationMessages.FirstLarge, Of(Step.Pause, 0), 12, Of(Step.Stall, 1)];
        for (byte command = 0; command <= Framed.Length; command++)
            yield return [.. start, Of(Step.Frame, 2), command, 8, 1, 2, 3, 4, 5, 6, 7, 8];
    }

    /// <summary>A node, and what a few hundred steps make it keep. That messages are bounded is the memory account's to say.</summary>
    public override long MostAllocated(int length) => 1L << 30;

    public override void Run(ReadOnlySpan<byte> input)
    {
        using var node = new NodeInMemory(
            new P2POptions { Network = P2PNetwork.Regtest, Connect = ["0"], MaxFeelers = 0, FixedSeeds = false }, _log);
        _node = node;
        Array.Clear(_peers);
        var steps = new InputReader(input);
        while (!steps.IsEmpty)
        {
            byte step = steps.Next();
            Take((Step)(step & 15), (step >> 4) % PeerCount, ref steps);
            node.Loop.RunFor(TimeSpan.Zero);
        }

        foreach (PeerInMemory? peer in _peers)
        {
            if (peer is not null)
                peer.IsStalled = false;
        }

        RequireServed();
        node.Stop();
        _log.RequireNone();
    }

    public override void Dispose()
    {
        _log.Dispose();
        base.Dispose();
    }

    private static byte Of(Step step, int peer) => (byte)((int)step | (peer << 4));

    private void Take(Step step, int who, ref InputReader input)
    {
        PeerInMemory? peer = _peers[who];
        FramePool frames = _node.PeersFrames;
        switch (step)
        {
            case Step.Connect:
                bool isRemote = (input.Next() & 1) != 0;
                if (peer is null or { IsOver: true })
                    _peers[who] = _node.Connect(Handshakes.AddressOf(isRemote ? $"203.0.113.{who}" : "127.0.0.1"));
                break;
            case Step.ShakeHands:
                int ways = input.Next();
                if (peer is not null)
                    Handshakes.Offer(peer, frames, (ways & 1) != 0, (ways & 2) != 0, (ways & 4) != 0);
                break;
            case Step.Frame:
                int command = input.Next();
                ReadOnlySpan<byte> payload = input.Take(input.Next());
                if (peer is not null)
                    SayFrame(peer, frames, command, payload);
                break;
            case Step.Message:
                byte[] message = _messages.At(input.Next());
                peer?.Say(frames.Create(Command.Logos, message));
                break;
            case Step.Inventory:
                Command kind = (input.Next() % 3) switch { 0 => Command.Inv, 1 => Command.GetData, _ => Command.NotFound };
                MessageId id = _messages.IdAt(input.Next());
                peer?.Say(frames.Create(kind, [id]));
                break;
            case Step.ShortIds:
                Command shortKind = ShortIdCommands[input.Next() % ShortIdCommands.Length];
                SayShortId(peer, frames, shortKind, input.Next());
                break;
            case Step.ChunkList:
                ChunkList list = _messages.ListAt(input.Next());
                peer?.Say(frames.Create(list));
                break;
            case Step.Chunk:
                byte[] chunk = _messages.ChunkAt(input.Next(), input.Next());
                peer?.Say(frames.Create(Command.Chunk, chunk));
                break;
            case Step.Bytes:
                ReadOnlySpan<byte> bytes = input.Take(input.Next());
                peer?.Say(bytes);
                break;
            case Step.Leave:
                peer?.Leave();
                break;
            case Step.Pause:
                _node.Loop.RunFor(LeastPause * (1 << (input.Next() % (MostDoublings + 1))));
                break;
            case Step.Stall:
                if (peer is not null)
                    peer.IsStalled = !peer.IsStalled;
                break;
            case Step.Propagate:
                byte[] own = _messages.At(input.Next());
                _node.Loop.Do(() => _node.Node.Propagate(own));
                break;
            case Step.Pong:
                if (peer is not null && peer.Pings.TryDequeue(out ulong nonce))
                    peer.Say(frames.Create(Command.Pong, nonce));
                break;
            case Step.Addresses:
                TimedAddress[] addresses = Handshakes.Addresses(input.Next(), (uint)_node.Loop.Clock.UnixSeconds);
                peer?.Say(frames.Create(addresses, v2: true));
                break;
            case Step.Report:
                MessageId bad = _messages.IdAt(input.Next());
                _node.Loop.Do(() => _node.Node.ReportInvalid(bad));
                break;
        }
    }

    private static void SayFrame(PeerInMemory peer, FramePool frames, int command, ReadOnlySpan<byte> payload)
    {
        command %= Framed.Length + 1;
        if (command < Framed.Length)
        {
            payload = payload[..Math.Min(payload.Length, Framed[command].MaxPayload())];
            peer.Say(frames.Create(Framed[command], payload));
            return;
        }

        peer.Say(Handshakes.UnknownFrame(frames, payload));
    }

    private void SayShortId(PeerInMemory? peer, FramePool frames, Command kind, int message)
    {
        if (peer?.NodeKey is not { } key)
            return;
        ShortId name = kind is Command.HaveChunk or Command.WantChunk
            ? ShortId.Of(_messages.ListIdAt(message), key)
            : ShortId.Of(_messages.IdAt(message), key);
        peer.Say(kind switch
        {
            Command.Late or Command.Early => frames.Create(kind, name, (ushort)5),
            Command.Coming => frames.CreateComing(name, (uint)_messages.At(message).Length),
            Command.HaveChunk or Command.WantChunk => frames.Create(kind, name, (ReadOnlySpan<byte>)[0, 1, 2]),
            Command.WantShort or Command.LackShort => frames.Create(kind, key, (ReadOnlySpan<ShortId>)[name]),
            _ => frames.Create(kind, name),
        });
    }

    private void RequireServed()
    {
        PeerInMemory honest = _node.Connect(Handshakes.AddressOf("127.0.0.1"));
        Handshakes.Offer(honest, _node.PeersFrames, addrV2: true, relay: true, chunks: true);
        honest.Say(_node.PeersFrames.Create(Command.Ping, 77));
        _node.Loop.RunFor(TimeSpan.FromSeconds(1));
        bool isAnswered = honest.TakeTold().Any(told => told.Command == Command.Pong && BitConverter.ToUInt64(told.Payload) == 77);
        Require(isAnswered && !honest.IsClosed, "A peer that came afterwards was not served.");
    }
}

/// <summary>Takes steps apart. What is not there any more is zero.</summary>
internal ref struct InputReader(ReadOnlySpan<byte> input)
{
    private ReadOnlySpan<byte> _input = input;

    public readonly bool IsEmpty => _input.IsEmpty;

    public byte Next()
    {
        if (_input.IsEmpty)
            return 0;
        byte next = _input[0];
        _input = _input[1..];
        return next;
    }

    public ReadOnlySpan<byte> Take(int count)
    {
        ReadOnlySpan<byte> taken = _input[..Math.Min(count, _input.Length)];
        _input = _input[taken.Length..];
        return taken;
    }
}
