using Logos.P2P.Tests.Peers;
using Logos.P2P.Wire;

namespace Logos.P2P.Tests.Relay.Chunks;

/// <summary>A node that takes large messages in chunks, among peers that a test speaks for.</summary>
internal sealed class ChunkRig : IAsyncDisposable
{
    public ChunkRig(
        Verdict ofPrefix = Verdict.Propagate, Verdict ofWhole = Verdict.Propagate, bool isQuick = true, P2POptions? options = null)
    {
        Handler = new RecordingHandler
        {
            IsQuick = isQuick,
            Judge = _ =>
            {
                OnWhole?.Invoke();
                return ofWhole;
            },
            JudgePrefix = _ =>
            {
                OnPrefix?.Invoke();
                return ofPrefix;
            },
        };
        Rig = new PeerRig(options, Handler, RelayMode.Tree);
        // The instant at which the node was made stands for "never" in a few places.
        Advance(1000);
    }

    public RecordingHandler Handler { get; }

    public PeerRig Rig { get; }

    /// <summary>What happens while the upper layer judges a message.</summary>
    public Action? OnWhole { get; set; }

    /// <summary>What happens while it judges a first chunk.</summary>
    public Action? OnPrefix { get; set; }

    /// <summary>A message whose chunks all differ.</summary>
    public static byte[] Message(int seed = 1, int size = 200_000)
    {
        byte[] message = new byte[size];
        new Random(seed).NextBytes(message);
        return message;
    }

    /// <summary>A message that takes two chunks to bring, since all but the last are the same.</summary>
    public static byte[] Uniform(byte value, int size = WireLimits.MaxPayload)
    {
        byte[] message = new byte[size];
        message.AsSpan().Fill(value);
        return message;
    }

    public static ChunkList ListOf(byte[] message) => ChunkList.Of(message, MessageId.Compute(message));

    /// <summary>The list of a message as somebody tells it who lies about its id.</summary>
    public static ChunkList ListOf(byte[] message, byte[] pretended) => ChunkList.Of(message, MessageId.Compute(pretended));

    public static byte[] ChunkOf(byte[] message, int index) => message[ListOf(message).RangeOf(index)];

    public async Task<ScriptedPeer[]> ConnectAsync(int count)
    {
        var peers = new ScriptedPeer[count];
        for (int i = 0; i < count; i++)
            peers[i] = await Rig.ConnectRelayAsync(takesChunks: true);
        foreach (ScriptedPeer peer in peers)
            await peer.ReadUntilPongAsync();
        return peers;
    }

    /// <summary>Moves the clock and wakes what is due.</summary>
    public void Advance(double milliseconds) => Rig.Clock.Advance(TimeSpan.FromMilliseconds(milliseconds));

    /// <summary>Moves the clock and has the relay look at it.</summary>
    public void Beat(double milliseconds)
    {
        Advance(milliseconds);
        Rig.Node.Relay.Tick();
    }

    /// <summary>A peer tells of what a message consists, and which chunks it has.</summary>
    public static async Task TellAsync(ScriptedPeer peer, ChunkList list, params IReadOnlyList<int> indexes)
    {
        await peer.SendAsync(peer.Frames.Create(list));
        await SayHaveAsync(peer, list, indexes);
    }

    /// <summary>A peer has chunks.</summary>
    public static Task SayHaveAsync(ScriptedPeer peer, ChunkList list, params IReadOnlyList<int> indexes) =>
        indexes.Count == 0 ? Task.CompletedTask : SayAsync(peer, Command.HaveChunk, list, indexes);

    /// <summary>A peer has all chunks, and they are the message.</summary>
    public static Task SayWholeAsync(ScriptedPeer peer, ChunkList list) => SayAsync(peer, Command.HaveChunk, list);

    public static Task WantAsync(ScriptedPeer peer, ChunkList list, params IReadOnlyList<int> indexes) =>
        SayAsync(peer, Command.WantChunk, list, indexes);

    public static Task SendChunkAsync(ScriptedPeer peer, byte[] message, int index) =>
        peer.SendAsync(Command.Chunk, ChunkOf(message, index));

    /// <summary>A peer tells of a message and sends all of it.</summary>
    public static async Task BringAsync(ScriptedPeer peer, byte[] message)
    {
        ChunkList list = ListOf(message);
        await TellAsync(peer, list);
        for (int i = 0; i < list.Count; i++)
            await SendChunkAsync(peer, message, i);
    }

    /// <summary>What the node has said to a peer since the last time: commands, with the indexes in them.</summary>
    public static async Task<string> HeardAsync(ScriptedPeer peer) => string.Join(
        ' ', (await ReadAllAsync(peer)).Select(Describe));

    /// <summary>What the node has sent a peer since the last time, but pings. A pong overtakes what waits, so one is not enough.</summary>
    public static async Task<IReadOnlyList<Received>> ReadAllAsync(ScriptedPeer peer)
    {
        var all = new List<Received>();
        bool wasWaiting = true;
        while (wasWaiting)
        {
            wasWaiting = peer.Peer.ToInfo().BytesQueued > 0;
            all.AddRange(await peer.ReadUntilPongAsync());
        }

        return [.. all.Where(heard => heard.Command != Command.Ping)];
    }

    /// <summary>The indexes that a node has asked a peer for.</summary>
    public static async Task<int[]> AskedAsync(ScriptedPeer peer) =>
    [
        .. (await ReadAllAsync(peer)).Where(heard => heard.Command == Command.WantChunk)
            .SelectMany(heard => heard.Payload[6..]).Select(index => (int)index),
    ];

    /// <summary>What a node sends of a message, in order, by index.</summary>
    public static async Task<int[]> SentAsync(ScriptedPeer peer, byte[] message)
    {
        ChunkList list = ListOf(message);
        return
        [
            .. (await ReadAllAsync(peer)).Where(heard => heard.Command == Command.Chunk)
                .Select(heard => list.Ids.IndexOf(heard.Id)),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        await Rig.DisposeAsync();
        // Every frame is given back; that of a send which the end interrupted, a moment later.
        await Eventually.IsAsync(() => Rig.Frames.UsedFrames == 0);
    }

    private static string Describe(Received heard) => heard.Command is Command.HaveChunk or Command.WantChunk
        ? $"{heard.Command.Name()}[{string.Join(',', heard.Payload[6..])}]"
        : heard.Command.Name();

    private static Task SayAsync(ScriptedPeer peer, Command command, ChunkList list, params IReadOnlyList<int> indexes) =>
        peer.SendAsync(peer.Frames.Create(
            command,
            peer.NameToNode(list),
            indexes.Select(index => (byte)index).ToArray()));
}
