using Logos.P2P.Relay;
using Logos.P2P.Relay.Chunks;
using Logos.P2P.Tests.Peers;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Relay.Chunks;

/// <summary>What is known of a message that travels in chunks, and who is asked for which of them. It has thirteen.</summary>
internal sealed class ChunkAssemblyTests
{
    private static readonly byte[] Message = ChunkRig.Message();
    private static readonly ChunkList List = ChunkRig.ListOf(Message);
    private static readonly int Last = List.Count - 1;

    /// <summary>1.25 round trips of a peer that was never measured, and 15 ms.</summary>
    private static readonly TimeSpan Answer = Milliseconds((1.25 * 200) + 15);

    /// <summary>What one chunk takes at 2 Mbit/s.</summary>
    private static readonly TimeSpan Transfer = TimeSpan.FromSeconds(List.ChunkSize / 250_000.0);

    private readonly RandomSource _random = new(1);
    private PeerRig _rig = null!;
    private RelayLink[] _links = null!;
    private ChunkAssembly _assembly = null!;

    [SetUp]
    public async Task SetUpAsync()
    {
        _rig = new PeerRig();
        ScriptedPeer peer = await _rig.ConnectRelayAsync(takesChunks: true);
        _links = [.. Enumerable.Range(0, 3).Select(slot => new RelayLink(peer.Peer, slot))];
        _assembly = New(List);
    }

    [TearDown]
    public async Task TearDownAsync()
    {
        _assembly.End();
        await _rig.DisposeAsync();
    }

    [Test]
    public void One_peer_is_asked_for_128_KiB_at_once_the_first_chunk_among_them()
    {
        HaveAll(0);

        ChunkQuestion question = Ask(0).Single();

        Assert.That(question.Link, Is.SameAs(_links[0]));
        Assert.That(question.Indexes, Has.Length.EqualTo(8).And.Contains(0).And.Unique);
        Assert.That(_assembly.PartOf(_links[0]).Asked, Is.EqualTo(8));
        Assert.That(Ask(0), Is.Empty);
        Take(0, question.Indexes[0]);
        Assert.That(Ask(0).Single().Indexes, Has.Length.EqualTo(1));
    }

    [Test]
    public void Each_chunk_is_asked_for_once_of_whoever_was_asked_for_least()
    {
        HaveAll(0, 1, 2);

        List<ChunkQuestion> questions = Ask(0);

        Assert.That(questions.SelectMany(question => question.Indexes), Is.EquivalentTo(Enumerable.Range(0, List.Count)));
        Assert.That(questions.Select(question => question.Indexes.Length), Is.EquivalentTo(new[] { 4, 4, 5 }));
    }

    [Test]
    public void Neighbours_do_not_all_ask_for_the_same()
    {
        HaveAll(0);
        byte[] first = Ask(0).Single().Indexes;
        ChunkAssembly other = New(List);
        other.PartOf(_links[1]).Has.AddAll(List.Count);

        byte[] second = other.Ask(TimeSpan.Zero, new RandomSource(2), default).Single().Indexes;

        Assert.That(second, Is.Not.EqualTo(first));
    }

    [Test]
    public void The_doubtful_are_asked_for_what_others_have_no_room_for()
    {
        HaveAll(0, 1);
        for (int i = 0; i < RelayLink.DoubtfulDebt; i++)
            _links[0].AddDebt();

        Dictionary<RelayLink, int> asked = Ask(0).ToDictionary(question => question.Link, question => question.Indexes.Length);

        Assert.That((asked[_links[0]], asked[_links[1]]), Is.EqualTo((5, 8)));
    }

    [Test]
    public void Only_those_are_asked_who_have_a_chunk_and_are_there()
    {
        _assembly.PartOf(_links[0]).Has.Add(4);
        HaveAll(1);
        _links[1].Close();
        _ = _assembly.PartOf(_links[2]);

        ChunkQuestion question = Ask(0).Single();

        Assert.That(question.Link, Is.SameAs(_links[0]));
        Assert.That(question.Indexes, Is.EqualTo(new byte[] { 4 }));
    }

    [Test]
    public void Of_news_only_that_is_looked_at_and_not_what_is_here_or_asked_for()
    {
        HaveAll(0);
        Assert.That(Ask(0, 3, 5).Single().Indexes, Is.EqualTo(new byte[] { 3, 5 }));
        Take(0, 3);

        Assert.That(Ask(0, 3, 5), Is.Empty);
    }

    [Test]
    public void What_comes_from_another_need_not_be_sent_by_whoever_was_asked()
    {
        HaveAll(0);
        Ask(0, 3, 5);

        Assert.That(Take(1, 3), Is.SameAs(_links[0]));
        Assert.That(Take(0, 5), Is.Null);
        Assert.That(Take(0, 6), Is.Null, "Nobody was asked.");

        Assert.That(_assembly.PartOf(_links[0]).Asked, Is.Zero);
        Assert.That(_assembly.PartOf(_links[1]).Has.Has(3), Is.True);
        Assert.That(_assembly.Here.Count, Is.EqualTo(3));
    }

    [Test]
    public void It_is_due_when_the_first_of_its_questions_is()
    {
        Assert.That(_assembly.Due, Is.Null);
        HaveAll(0, 1);
        RelayLink first = Ask(100, 1).Single().Link;
        Assert.That(_assembly.Due, Is.EqualTo(Milliseconds(100) + Answer + Transfer));
        Assert.That(Ask(50, 2).Single().Link, Is.Not.SameAs(first), "The other was asked for nothing.");
        Assert.That(_assembly.Due, Is.EqualTo(Milliseconds(50) + Answer + Transfer));

        Take(0, 2);

        Assert.That(_assembly.Due, Is.EqualTo(Milliseconds(100) + Answer + Transfer));
        Take(0, 1);
        Assert.That(_assembly.Due, Is.Null);
    }

    [Test]
    public void Whoever_is_late_is_waited_for_where_nobody_else_has_it_but_for_three_seconds()
    {
        HaveAll(0);
        Ask(0, 3);
        TimeSpan due = _assembly.Due!.Value;

        GiveUp(due.TotalMilliseconds - 1);
        Assert.That(_assembly.Due, Is.EqualTo(due));
        GiveUp(due.TotalMilliseconds);
        Assert.That((_assembly.Due, _links[0].Debt), Is.EqualTo((ChunkPace.Longest, 0)));
        GiveUp(2999);
        Assert.That(_assembly.Due, Is.EqualTo(ChunkPace.Longest));

        GiveUp(3000);

        Assert.That((_assembly.Due, _links[0].Debt), Is.EqualTo(((TimeSpan?)null, 1)));
        Assert.That(_assembly.PartOf(_links[0]).Asked, Is.Zero);
        Assert.That(Ask(3000, 3).Single().Link, Is.SameAs(_links[0]), "All have failed: all may be asked again.");
    }

    [Test]
    public void Whoever_is_late_is_not_waited_for_where_another_has_it_and_is_not_asked_again()
    {
        HaveAll(0);
        Ask(0, 3);
        _assembly.PartOf(_links[1]).Has.Add(3);

        GiveUp(_assembly.Due!.Value.TotalMilliseconds);

        Assert.That((_assembly.Due, _links[0].Debt), Is.EqualTo(((TimeSpan?)null, 1)));
        Assert.That(Ask(500, 3).Single().Link, Is.SameAs(_links[1]));
        GiveUp(_assembly.Due!.Value.TotalMilliseconds);
        Assert.That(_assembly.Due, Is.EqualTo(Milliseconds(500) + ChunkPace.Longest), "The first has failed before.");
        GiveUp(3499);
        Assert.That(Ask(3499, 3), Is.Empty);
        GiveUp(3500);
        Assert.That(Ask(3500, 3), Has.Count.EqualTo(1));
    }

    [Test]
    public void Another_who_has_no_room_or_has_left_is_nobody_to_ask([Values] bool hasLeft)
    {
        HaveAll(0);
        Ask(0, 3);
        ChunkPart other = _assembly.PartOf(_links[1]);
        other.Has.Add(3);
        if (hasLeft)
            _links[1].Close();
        else
            other.Asked = 8;

        GiveUp(_assembly.Due!.Value.TotalMilliseconds);

        Assert.That((_assembly.Due, _links[0].Debt), Is.EqualTo((ChunkPace.Longest, 0)));
    }

    [Test]
    public void Another_with_room_for_just_one_more_is_asked()
    {
        HaveAll(0);
        Ask(0, 3);
        ChunkPart other = _assembly.PartOf(_links[1]);
        other.Has.Add(3);
        other.Asked = 7;

        GiveUp(_assembly.Due!.Value.TotalMilliseconds);

        Assert.That(Ask(500, 3).Single().Link, Is.SameAs(_links[1]));
        Assert.That(other.Asked, Is.EqualTo(8));
    }

    [Test]
    public void Whoever_brings_others_meanwhile_has_more_time()
    {
        HaveAll(0);
        Ask(0, 5);
        TimeSpan due = _assembly.Due!.Value;
        _assembly.PartOf(_links[1]).Has.Add(5);
        _links[0].ChunkPace.Bring(askedAt: TimeSpan.Zero, at: Milliseconds(200));

        GiveUp(due.TotalMilliseconds);

        Assert.That(_assembly.Due, Is.EqualTo(Milliseconds(200) + Answer + Transfer));
        Assert.That(_links[0].Debt, Is.Zero);
    }

    [Test]
    public void What_whoever_was_asked_does_not_have_is_asked_of_another()
    {
        HaveAll(0);
        Ask(0, 3, 5);
        _assembly.PartOf(_links[1]).Has.Add(3);

        Assert.That(Refuse(_links[2], List.Ids[3]), Is.False, "It is none of its business.");
        Assert.That(Refuse(_links[1], List.Ids[3]), Is.False, "It was not asked.");
        Assert.That(Refuse(_links[0], List.Ids[4]), Is.False, "Not for that.");
        Assert.That(Refuse(_links[0], List.Ids[3]), Is.True);

        ChunkPart part = _assembly.PartOf(_links[0]);
        Assert.That((part.Asked, part.Has.Has(3), part.Has.Has(5)), Is.EqualTo((1, false, true)));
        Assert.That(Ask(0, 3).Single().Link, Is.SameAs(_links[1]));
    }

    [Test]
    public void Whoever_has_brought_what_could_not_be_kept_owes_nothing_and_can_be_asked_again()
    {
        HaveAll(0);
        Ask(0, 3, 5);

        Assert.That(_assembly.TakeBack(_links[0], List.Ids[4], hasIt: true), Is.False);
        Assert.That(_assembly.TakeBack(_links[1], List.Ids[3], hasIt: true), Is.False);
        Assert.That(_assembly.TakeBack(_links[0], List.Ids[3], hasIt: true), Is.True);

        Assert.That((_assembly.PartOf(_links[0]).Asked, _links[0].Debt), Is.EqualTo((1, 0)));
        Assert.That(Ask(0, 3, 5).Single().Indexes, Is.EqualTo(new byte[] { 3 }));
    }

    [Test]
    public void What_whoever_is_gone_was_asked_for_is_asked_of_another()
    {
        HaveAll(0);
        Ask(0, 3, 5);
        HaveAll(1);

        _assembly.Forget(_links[0]);

        Assert.That(_assembly.Parts.Select(part => part.Link), Is.EqualTo(new[] { _links[1] }));
        Assert.That(_links[0].ChunkPace.DueOf(TimeSpan.Zero, TimeSpan.Zero), Is.EqualTo(Milliseconds(15)), "It owes nothing.");
        Assert.That(Ask(0, 3, 5).Single().Link, Is.SameAs(_links[1]));
    }

    [Test]
    public void Those_are_told_by_other_means_who_lack_it_and_have_not_spoken_of_it_for_a_while_and_once()
    {
        TimeSpan since = Milliseconds(1000);
        _assembly.PartOf(_links[0]).HeardAt = since;
        _assembly.PartOf(_links[1]).HeardAt = since + TimeSpan.FromTicks(1);
        _assembly.PartOf(_links[2]).HasWhole = true;

        Assert.That(_assembly.TakeIdle(since), Is.EqualTo(new[] { _links[0] }));
        Assert.That(_assembly.TakeIdle(since), Is.Empty);
        Assert.That(_assembly.TakeIdle(Milliseconds(2000)), Is.EqualTo(new[] { _links[1] }));
    }

    [Test]
    public void A_chunk_is_of_it_that_has_the_hash_and_the_length_of_one()
    {
        Assert.That(IsOfIts(ChunkRig.ChunkOf(Message, 0)), Is.True);
        Assert.That(IsOfIts(ChunkRig.ChunkOf(Message, Last)), Is.True);
        Assert.That(IsOfIts(new byte[List.ChunkSize]), Is.False);
        Assert.That(IsOfIts(new byte[List.LengthOf(Last)]), Is.False);
        Assert.That(IsOfIts(ChunkRig.ChunkOf(Message, 0)[1..]), Is.False);
    }

    [Test]
    public void A_chunk_belongs_where_its_hash_and_length_say_and_it_is_not_yet()
    {
        Assert.That(_assembly.FindMissing(List.Ids[3], List.ChunkSize), Is.EqualTo(3));
        Assert.That(_assembly.FindMissing(List.Ids[Last], List.LengthOf(Last)), Is.EqualTo(Last));
        Assert.That(_assembly.FindMissing(List.Ids[3], List.ChunkSize - 1), Is.EqualTo(-1));
        Assert.That(_assembly.FindMissing(MessageId.Empty, List.ChunkSize), Is.EqualTo(-1));

        Take(0, 3);

        Assert.That(_assembly.FindMissing(List.Ids[3], List.ChunkSize), Is.EqualTo(-1));
    }

    [TestCase(ChunkStage.Gathering, false, false)]
    [TestCase(ChunkStage.Gathering, true, true)]
    [TestCase(ChunkStage.Judging, false, false)]
    [TestCase(ChunkStage.Judging, true, true)]
    [TestCase(ChunkStage.Open, false, true)]
    [TestCase(ChunkStage.Over, true, false)]
    public void Chunks_are_sent_when_the_upper_layer_wants_it_so(ChunkStage stage, bool mayPass, bool isServed)
    {
        _assembly.MayPass = mayPass;
        _assembly.Stage = stage;

        Assert.That(_assembly.IsServed, Is.EqualTo(isServed));
    }

    [Test]
    public void The_buffer_comes_with_the_first_chunk_and_stays_until_the_verdict()
    {
        Assert.That((_assembly.IsBare, _assembly.NeedsBuffer, _assembly.BufferBytes, _assembly.Payer), Is.EqualTo((true, true, 0, (RelayLink?)null)));
        Assert.That(_assembly.Cut(3, _rig.Frames), Is.Null);

        Take(1, 3);

        Assert.That((_assembly.IsBare, _assembly.NeedsBuffer, _assembly.Payer), Is.EqualTo((false, false, _links[1])));
        Assert.That(_assembly.BufferBytes, Is.GreaterThan(Message.Length));
        Assert.That(CutOf(3), Is.EqualTo((ChunkRig.ChunkOf(Message, 3), List.Ids[3])));

        TakeOthers();
        Frame whole = _assembly.Seal();
        Assert.That(_assembly.Stage, Is.EqualTo(ChunkStage.Judging));
        Assert.That(_assembly.Payer, Is.SameAs(_links[1]));
        Assert.That(whole.Payload.SequenceEqual(Message), Is.True);
        Assert.That(_assembly.BufferBytes, Is.EqualTo(whole.Capacity));
        Assert.That(CutOf(Last), Is.EqualTo((ChunkRig.ChunkOf(Message, Last), List.Ids[Last])));

        long used = _rig.Frames.UsedFrames;
        _assembly.Open(Milliseconds(7));
        whole.Release();
        Assert.That((_assembly.Stage, _assembly.BufferBytes, _assembly.ProgressAt), Is.EqualTo((ChunkStage.Open, 0, Milliseconds(7))));
        Assert.That(_rig.Frames.UsedFrames, Is.EqualTo(used - 1));
        Assert.That(_assembly.IsBare, Is.False);
    }

    [Test]
    public void What_is_not_the_message_of_the_list_is_over()
    {
        ChunkAssembly lie = New(ChunkRig.ListOf(Message, pretended: Message[1..]));
        for (int i = 0; i < List.Count; i++)
            lie.Take(_links[0], i, ChunkRig.ChunkOf(Message, i), _rig.Frames, TimeSpan.Zero);

        Frame whole = lie.Seal();

        Assert.That((lie.Stage, lie.BufferBytes), Is.EqualTo((ChunkStage.Over, 0)));
        Assert.That(whole.Id, Is.EqualTo(MessageId.Compute(Message)));
        whole.Release();
    }

    [Test]
    public void What_is_open_has_all_chunks_and_nobody_is_waited_for()
    {
        HaveAll(0);
        Ask(0);

        _assembly.Open(Milliseconds(7));

        Assert.That(_assembly.Here.Count, Is.EqualTo(List.Count));
        Assert.That((_assembly.Due, _assembly.PartOf(_links[0]).Asked), Is.EqualTo(((TimeSpan?)null, 0)));
    }

    [Test]
    public void It_keeps_its_buffer_for_three_seconds_after_progress_that_is_not_too_slow()
    {
        Take(0, 0, 1000);
        Assert.That(_assembly.ProgressAt, Is.EqualTo(Milliseconds(1000)));
        Assert.That(_assembly.KeepsBufferUntil, Is.EqualTo(Milliseconds(4000)));

        // At 78,125 bytes a second this is a second's worth.
        _assembly.NoteBrought(78_125);
        Assert.That(_assembly.KeepsBufferUntil, Is.EqualTo(Milliseconds(4000)), "It was quick, but then nothing came.");
        Take(0, 1, 1900);
        Assert.That(_assembly.KeepsBufferUntil, Is.EqualTo(Milliseconds(4900)));
        Take(0, 2, 9000);
        Assert.That(_assembly.KeepsBufferUntil, Is.EqualTo(Milliseconds(5000)), "A chunk now and then.");
    }

    [Test]
    public void It_occupies_so_much_for_each_chunk_and_each_peer()
    {
        long before = _assembly.Bytes;
        Assert.That(before, Is.EqualTo(ChunkAssembly.ObjectBytes + (13 * ChunkAssembly.BytesOfChunk)));

        HaveAll(0, 1);

        Assert.That(_assembly.Bytes, Is.EqualTo(before + (2 * ChunkPart.Bytes)));
    }

    private static TimeSpan Milliseconds(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private ChunkAssembly New(ChunkList list)
    {
        Frame frame = _rig.Frames.Create(list);
        var assembly = new ChunkAssembly(new ShortId(1), new ShortId(2), frame, list, _links[0], TimeSpan.Zero);
        frame.Release();
        return assembly;
    }

    private void HaveAll(params int[] links)
    {
        foreach (int link in links)
            _assembly.PartOf(_links[link]).Has.AddAll(List.Count);
    }

    private List<ChunkQuestion> Ask(double at, params byte[] news) => _assembly.Ask(Milliseconds(at), _random, news);

    private RelayLink? Take(int link, int index, double at = 0) =>
        _assembly.Take(_links[link], index, ChunkRig.ChunkOf(Message, index), _rig.Frames, Milliseconds(at));

    private void TakeOthers()
    {
        for (int i = 0; i < List.Count; i++)
        {
            if (!_assembly.Here.Has(i))
                Take(0, i);
        }
    }

    private void GiveUp(double at) => _assembly.GiveUpLate(Milliseconds(at));

    private bool Refuse(RelayLink link, MessageId missing)
    {
        Frame frame = _rig.Frames.Create(Command.NotFound, [missing]);
        Assert.That(InventoryCodec.TryRead(frame.Payload, out InventoryList list), Is.EqualTo(DecodeStatus.Ok));
        bool isNews = _assembly.Refuse(link, list);
        frame.Release();
        return isNews;
    }

    private bool IsOfIts(byte[] payload)
    {
        Frame frame = _rig.Frames.Create(Command.Chunk, payload);
        bool isOfIts = _assembly.IsOfIts(frame);
        frame.Release();
        return isOfIts;
    }

    private (byte[] Payload, MessageId Id) CutOf(int index)
    {
        Frame chunk = _assembly.Cut(index, _rig.Frames)!;
        (byte[], MessageId) cut = (chunk.Payload.ToArray(), chunk.Id);
        chunk.Release();
        return cut;
    }
}
