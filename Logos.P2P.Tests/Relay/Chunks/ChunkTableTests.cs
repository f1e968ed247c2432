using Logos.P2P.Relay;
using Logos.P2P.Relay.Chunks;
using Logos.P2P.Tests.Peers;
using Logos.P2P.Transport;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Relay.Chunks;

/// <summary>The messages that travel in chunks just now.</summary>
internal sealed class ChunkTableTests
{
    private static readonly ShortId Name = new(1);
    private static readonly ChunkList List = ChunkRig.ListOf(ChunkRig.Message());

    /// <summary>The list of a message of the largest kind.</summary>
    private static readonly ChunkList Large = ChunkRig.ListOf(ChunkRig.Uniform(1));

    private readonly FramePool _frames = new(P2PNetwork.Regtest);
    private readonly ChunkTable _table = new();
    private PeerRig _rig = null!;
    private RelayLink[] _links = null!;

    [SetUp]
    public async Task SetUpAsync()
    {
        _rig = new PeerRig();
        ScriptedPeer peer = await _rig.ConnectRelayAsync(takesChunks: true);
        _links = [.. Enumerable.Range(0, 3).Select(slot => new RelayLink(peer.Peer, slot))];
    }

    [TearDown]
    public async Task TearDownAsync()
    {
        foreach (ChunkAssembly assembly in _table.All)
            _table.End(assembly);
        Assert.That(_table.All, Is.Empty);
        Assert.That(_frames.UsedFrames, Is.Zero, "Everything is given back.");
        await _rig.DisposeAsync();
    }

    [Test]
    public void One_of_a_name_is_there_once()
    {
        ChunkAssembly first = Add(1)!;

        Assert.That(Add(1), Is.SameAs(first));
        Assert.That(Add(1, by: 0), Is.SameAs(first));
        Assert.That(_table.All, Is.EqualTo(new[] { first }));
        Assert.That(_table.TryFind(new ShortId(2), out _), Is.False);
    }

    [Test]
    public void Who_ends_what_has_ended_does_not_end_what_came_again_under_its_name()
    {
        ChunkAssembly first = Add(1)!;
        _table.End(first);
        Assert.That(_table.TryFind(Name, out _), Is.False);
        ChunkAssembly second = Add(1)!;

        _table.End(first);

        Assert.That(_table.TryFind(Name, out ChunkAssembly? found), Is.True);
        Assert.That(found, Is.SameAs(second));
        Assert.That(_table.All, Is.EqualTo(new[] { second }));
    }

    [Test]
    public void Nobody_is_told_any_more_of_what_has_ended()
    {
        ChunkAssembly assembly = Add(1)!;
        assembly.TellAt = assembly.AnnounceAt = TimeSpan.Zero;

        _table.End(assembly);

        Assert.That(
            (assembly.Stage, assembly.TellAt, assembly.AnnounceAt), Is.EqualTo((ChunkStage.Over, (TimeSpan?)null, (TimeSpan?)null)));
    }

    [Test]
    public void One_peer_brings_a_quarter_of_the_lists_of_what_is_not_here()
    {
        for (int i = 0; i < ChunkTable.MaxListsOfPeer; i++)
            Assert.That(Add(i, by: 0), Is.Not.Null);

        Assert.That(Add(1000, by: 0), Is.Null);
        Assert.That(Add(0, by: 0), Is.Not.Null, "It is there.");
        Assert.That(Add(1001, by: 1), Is.Not.Null);
        Assert.That(Add(1002), Is.Not.Null, "Our own.");
        _table.All[5].Open(TimeSpan.Zero);
        Assert.That(Add(1000, by: 0), Is.Not.Null, "One of them is here.");
        Assert.That(Add(1003, by: 0), Is.Null);
    }

    [Test]
    public void When_it_is_full_what_did_nothing_for_longest_goes_and_first_that_of_which_nothing_is_here()
    {
        for (int i = 0; i < ChunkTable.MaxLists; i++)
            Add(i, at: 1000 + i);
        Take(_table.All[0], by: 0, at: 500);
        _table.All[1].Open(Milliseconds(1));
        Assert.That(_table.All, Has.Length.EqualTo(512));

        Add(1000, at: 2000);
        Assert.That(_table.All, Has.Length.EqualTo(512));
        Assert.That(_table.TryFind(new ShortId(2), out _), Is.False);
        Assert.That(_table.TryFind(new ShortId(1000), out _), Is.True);

        foreach (ChunkAssembly assembly in _table.All)
            assembly.Open(Milliseconds(700));
        _table.All[7].Open(Milliseconds(600));
        ShortId oldest = _table.All[7].Name;
        Add(1001, at: 2000);
        Assert.That(_table.TryFind(oldest, out _), Is.False);
        Assert.That(_table.TryFind(new ShortId(0), out _), Is.True);
    }

    [Test]
    public void One_peer_has_buffers_for_four_of_the_largest_kind()
    {
        for (int i = 0; i < 4; i++)
        {
            Assert.That(_table.TryMakeRoomFor(Large.Length, _links[0], Milliseconds(i)), Is.True);
            Take(Add(i, Large, at: i)!, by: 0, at: i);
        }

        Assert.That(_table.All.Sum(assembly => (long)assembly.BufferBytes), Is.EqualTo(4L * ByteBudget.LargestFrame));
        Assert.That(_table.TryMakeRoomFor(1, _links[0], Milliseconds(2999)), Is.False);
        Assert.That(_table.TryMakeRoomFor(Large.Length, _links[1], Milliseconds(2999)), Is.True);
        ChunkAssembly slowest = _table.All[0];

        Assert.That(_table.TryMakeRoomFor(1, _links[0], Milliseconds(3000)), Is.True);

        Assert.That((_table.All.Length, slowest.Stage), Is.EqualTo((3, ChunkStage.Over)));
    }

    [Test]
    public void All_together_have_buffers_for_eight_of_the_largest_kind()
    {
        for (int i = 0; i < 8; i++)
            Take(Add(i, Large, at: i)!, by: i / 4, at: i);

        Assert.That(_table.TryMakeRoomFor(1, _links[2], Milliseconds(2999)), Is.False);
        Assert.That(_table.TryMakeRoomFor(1, _links[2], Milliseconds(3003)), Is.True);
        Assert.That(_table.All.Select(assembly => assembly.Name.Value), Is.EqualTo(new ulong[] { 1, 2, 3, 4, 5, 6, 7 }));
        Assert.That(_table.TryMakeRoomFor(Large.Length, _links[2], Milliseconds(3003)), Is.True, "There is room.");
        Assert.That(_table.All, Has.Length.EqualTo(7));
    }

    [Test]
    public void As_many_give_way_as_it_takes_and_whoever_is_at_his_share_pays_himself()
    {
        // Six hundred kilobytes each, of which a share has more than two dozen.
        ChunkList small = ChunkRig.ListOf(ChunkRig.Uniform(2, 600_000));
        int count = 0;
        for (; _table.TryMakeRoomFor(small.Length, _links[0], TimeSpan.Zero); count++)
            Take(Add(count, small)!, by: 0);
        Take(Add(1000, small)!, by: 1);
        Assert.That(count, Is.GreaterThan(20));

        Assert.That(_table.TryMakeRoomFor(Large.Length, _links[0], Milliseconds(3000)), Is.True);

        Assert.That(_table.TryFind(new ShortId(1000), out _), Is.True);
        Assert.That(_table.All.Where(other => other.Payer == _links[0]).Sum(other => (long)other.BufferBytes), Is.InRange(
            ChunkTable.MaxBufferBytesOfPeer - Large.Length - (2 * 600_000), ChunkTable.MaxBufferBytesOfPeer - Large.Length));
    }

    [Test]
    public void There_is_room_for_one_more_when_there_is_or_one_will_give_way()
    {
        for (int i = 0; i < 8; i++)
        {
            Assert.That(_table.HasRoomFor(Large.Length, TimeSpan.Zero), Is.True);
            Take(Add(i, Large)!, by: i / 4);
        }

        Add(8, Large);
        Assert.That(_table.HasRoomFor(1, Milliseconds(2999)), Is.False);
        Assert.That(_table.HasRoomFor(1, Milliseconds(3000)), Is.True);
        Assert.That(_table.All, Has.Length.EqualTo(9), "None has given way yet.");
        foreach (ChunkAssembly assembly in _table.All)
            assembly.Stage = ChunkStage.Judging;
        Assert.That(_table.HasRoomFor(1, Milliseconds(3000)), Is.False);
    }

    [Test]
    public void What_is_being_judged_gives_no_way()
    {
        for (int i = 0; i < 4; i++)
            Take(Add(i, Large)!, by: 0);
        foreach (ChunkAssembly assembly in _table.All)
            assembly.Stage = ChunkStage.Judging;

        Assert.That(_table.TryMakeRoomFor(1, _links[0], TimeSpan.FromHours(1)), Is.False);
        Assert.That(_table.All, Has.Length.EqualTo(4));
    }

    [Test]
    public void It_says_what_it_occupies_and_what_it_may()
    {
        Assert.That(_table.MemoryAt(0).Bytes, Is.Zero);
        ChunkAssembly one = Add(1)!, other = Add(2, Large)!;

        (long entries, long bytes, long capacity) = Memory(links: 10);

        Assert.That((entries, bytes), Is.EqualTo((2, one.Bytes + other.Bytes)));
        long largest = ChunkAssembly.ObjectBytes + ((long)ChunkList.MaxCount * ChunkAssembly.BytesOfChunk);
        Assert.That(capacity, Is.EqualTo(512 * (largest + (10 * ChunkPart.Bytes))));
    }

    private static TimeSpan Milliseconds(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private (long Entries, long Bytes, long Capacity) Memory(int links) =>
        (_table.MemoryAt(links).Entries, _table.MemoryAt(links).Bytes, _table.MemoryAt(links).Capacity);

    /// <summary>A list comes.</summary>
    /// <param name="name">Under which name.</param>
    /// <param name="list">Which; that of a message of 200,000 bytes if not told.</param>
    /// <param name="by">Who brings it; nobody if not told.</param>
    /// <param name="at">When.</param>
    private ChunkAssembly? Add(int name, ChunkList? list = null, int? by = null, double at = 0)
    {
        list ??= List;
        RelayLink? bringer = by is { } link ? _links[link] : null;
        Frame frame = _frames.Create(list);
        ChunkAssembly? added = _table.GetOrAdd(
            new ShortId((ulong)name),
            () => new ChunkAssembly(new ShortId((ulong)name), default, frame, list, bringer, Milliseconds(at)),
            bringer);
        frame.Release();
        return added;
    }

    /// <summary>The first chunk comes, and with it the buffer.</summary>
    private void Take(ChunkAssembly assembly, int by, double at = 0) =>
        assembly.Take(_links[by], 0, new byte[assembly.List.LengthOf(0)], _frames, Milliseconds(at));
}
