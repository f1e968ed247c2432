using System.Buffers;
using System.IO.Pipelines;
using Logos.P2P.Peers;
using Logos.P2P.Tests.Transport;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Peers;

/// <summary>A message as the other end of a connection received it.</summary>
internal sealed record Received(Command Command, byte[] Payload)
{
    public ulong Nonce => BitConverter.ToUInt64(Payload);

    public MessageId Id => MessageId.Compute(Payload);

    public VersionMessage Version
    {
        get
        {
            Assert.That(VersionMessage.TryRead(Payload, out VersionMessage? version), Is.EqualTo(DecodeStatus.Ok));
            return version!;
        }
    }

    public IReadOnlyList<MessageId> Ids
    {
        get
        {
            Assert.That(InventoryCodec.TryRead(Payload, out InventoryList list), Is.EqualTo(DecodeStatus.Ok));
            var ids = new List<MessageId>();
            for (int i = 0; i < list.Count; i++)
                ids.Add(list[i].Id);
            return ids;
        }
    }

    public IReadOnlyList<TimedAddress> Addresses
    {
        get
        {
            var addresses = new List<TimedAddress>();
            Assert.That(
                AddressListCodec.TryRead(Payload, Command == Command.AddrV2, addresses), Is.EqualTo(DecodeStatus.Ok));
            return addresses;
        }
    }
}

/// <summary>The other end of a peer's connection, spoken for by a test.</summary>
internal sealed class ScriptedPeer
{
    /// <summary>Under which key peers that speak `logos.relay` want messages named to them.</summary>
    public static readonly ShortIdKey RelayKey = new(1, 2);

    private readonly MemoryConnection _other;
    private readonly FrameReader _reader;
    private ReadOnlySequence<byte> _unread;
    private bool _hasEnded;
    private ShortIdKey _nodesKey;

    /// <param name="peer">The node's peer.</param>
    /// <param name="mine">The node's end.</param>
    /// <param name="other">The test's end.</param>
    /// <param name="network">Whose magic is spoken.</param>
    public ScriptedPeer(Peer peer, MemoryConnection mine, MemoryConnection other, P2PNetwork network)
    {
        Peer = peer;
        NodesEnd = mine;
        _other = other;
        Frames = new FramePool(network);
        _reader = new FrameReader(Frames) { IsHandshakeComplete = true };
    }

    public Peer Peer { get; }

    public MemoryConnection NodesEnd { get; }

    /// <summary>Bytes that this end has sent, read by the node or not.</summary>
    public long BytesSent => _other.BytesSent;

    /// <summary>Where this end makes its frames.</summary>
    public FramePool Frames { get; }

    public static VersionMessage Version() => new()
    {
        ProtocolVersion = ProtocolVersion.Current,
        Services = Services.Logos,
        Time = 1_785_000_000,
        Receiver = NetEndpoint.None,
        Nonce = 0x1234,
        UserAgent = "/scripted/",
    };

    public async Task SendAsync(params IReadOnlyList<Frame> frames)
    {
        foreach (Frame frame in frames)
        {
            await SendAsync(frame.Memory);
            frame.Release();
        }
    }

    public Task SendAsync(Command command, params byte[] payload) => SendAsync(Frames.Create(command, payload));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int sent = _other.TrySend(bytes.Span);
            if (sent == 0)
                sent = await _other.SendAsync(bytes).AsTask().WaitAsync(TestNode.Patience);
            bytes = bytes[sent..];
        }
    }

    /// <summary>A frame whose checksum is not that of its payload.</summary>
    public byte[] WithBadChecksum(Command command, params byte[] payload)
    {
        byte[] bytes = Frames.Create(command, payload).Memory.ToArray();
        bytes[20] ^= 0xFF;
        return bytes;
    }

    /// <summary>The next message; null when the node has closed the connection.</summary>
    public async Task<Received?> ReadAsync()
    {
        while (true)
        {
            FrameReadResult result = _reader.Read(ref _unread);
            if (result.Status == FrameReadStatus.Frame)
            {
                var received = new Received(result.Frame!.Command, result.Frame.Payload.ToArray());
                result.Frame.Release();
                return received;
            }

            Assert.That(result.Status, Is.EqualTo(FrameReadStatus.NeedMore), "The node sent something unreadable.");
            if (_hasEnded)
                return null;
            ReadResult read = await _other.Input.ReadAsync().AsTask().WaitAsync(TestNode.Patience);
            _unread = new ReadOnlySequence<byte>(read.Buffer.ToArray());
            _hasEnded = read.IsCompleted;
            _other.Input.AdvanceTo(read.Buffer.End);
        }
    }

    /// <summary>The next message of a kind; others before it are thrown away.</summary>
    public async Task<Received> ReadAsync(Command command)
    {
        while (true)
        {
            Received? received = await ReadAsync();
            Assert.That(received, Is.Not.Null, $"The node closed the connection instead of sending {command}.");
            if (received!.Command == command)
                return received;
        }
    }

    /// <summary>
    /// Everything that the node has sent by now. The pong of a ping proves that it has seen what we sent; that of another one that it has
    /// also sent what it led to: what frames that came together lead to leaves together, maybe after the answer to the last of them. Not
    /// what a handler leads to that is not quick.
    /// </summary>
    public async Task<IReadOnlyList<Received>> ReadUntilPongAsync()
    {
        var all = new List<Received>();
        await ReadUntilPongAsync(all);
        await ReadUntilPongAsync(all);
        return all;
    }

    private async Task ReadUntilPongAsync(List<Received> all)
    {
        ulong nonce = (ulong)Random.Shared.NextInt64();
        await SendAsync(Frames.Create(Command.Ping, nonce));
        while (true)
        {
            Received? received = await ReadAsync();
            Assert.That(received, Is.Not.Null, "The node closed the connection instead of answering a ping.");
            if (received!.Command == Command.Pong && received.Nonce == nonce)
                return;
            all.Add(received);
        }
    }

    /// <summary>Does this end's part of the handshake.</summary>
    /// <param name="addrV2">Whether it asks for `addrv2`.</param>
    /// <param name="version">Its `version`.</param>
    /// <param name="relayKey">Under which key it wants messages named to it, if it speaks `logos.relay`.</param>
    /// <param name="takesChunks">Whether it speaks `logos.chunk`.</param>
    public async Task ShakeHandsAsync(
        bool addrV2 = true, VersionMessage? version = null, ShortIdKey? relayKey = null, bool takesChunks = false)
    {
        await SendAsync(Frames.Create(version ?? Version()));
        if (addrV2)
            await SendAsync(Command.SendAddrV2);
        if (relayKey is { } key)
        {
            byte[] data = new byte[ShortIdKey.Size];
            key.Write(data);
            await SendAsync(Frames.Create(new FeatureMessage(Features.Relay.ToArray(), data)));
        }

        if (takesChunks)
            await SendAsync(Frames.Create(new FeatureMessage(Features.Chunk.ToArray(), default)));
        await SendAsync(Command.Verack);
        Received feature = await ReadAsync(Command.Feature);
        Assert.That(FeatureMessage.TryRead(feature.Payload, out FeatureMessage message), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(ShortIdKey.TryRead(message.Data.Span, out _nodesKey), Is.True);
        await ReadAsync(Command.Verack);
    }

    /// <summary>What a message is called in what the node is told.</summary>
    public ShortId NameToNode(byte[] message) => ShortId.Of(MessageId.Compute(message), _nodesKey);

    /// <summary>What a list of chunks is called in what the node is told.</summary>
    public ShortId NameToNode(ChunkList list) => NameToNode(WireBytes(list));

    /// <summary>What a list of chunks is called in what the node tells.</summary>
    public static ShortId NameToPeer(ChunkList list) => NameToPeer(WireBytes(list));

    /// <summary>What a message is called in what the node tells.</summary>
    public static ShortId NameToPeer(byte[] message) => ShortId.Of(MessageId.Compute(message), RelayKey);

    private static byte[] WireBytes(ChunkList list)
    {
        byte[] bytes = new byte[list.Size];
        list.Write(bytes);
        return bytes;
    }

    /// <summary>Sends a command of `logos.relay` about a message, and waits until the node has read it.</summary>
    /// <returns>What the node had sent by then.</returns>
    public async Task<IReadOnlyList<Received>> TellAsync(Command command, byte[] message)
    {
        ShortId name = NameToNode(message);
        await SendAsync(command switch
        {
            Command.Late or Command.Early => Frames.Create(command, name, (ushort)0),
            Command.Coming => Frames.CreateComing(name, (uint)message.Length),
            // They are answers, and repeat the name that they answer to.
            Command.Want or Command.Hold => Frames.Create(command, NameToPeer(message)),
            _ => Frames.Create(command, name),
        });
        return await ReadUntilPongAsync();
    }

    /// <summary>Shows that it takes part in address gossip, by a list without addresses.</summary>
    public async Task OpenAsync()
    {
        await SendAsync(Command.Addr, 0);
        await ReadUntilPongAsync();
    }

    /// <summary>Closes this end.</summary>
    public void Close() => _other.Close();

    /// <summary>Waits until the node is done with the connection.</summary>
    /// <returns>Why it ended.</returns>
    public async Task<DisconnectReason> EndAsync()
    {
        await Peer.Ended.WaitAsync(TestNode.Patience);
        return Peer.Reason;
    }
}
