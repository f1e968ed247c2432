using System.Buffers.Binary;
using Logos.P2P.Relay;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Relay;

/// <summary>Kept messages by short ids.</summary>
[NonParallelizable]
internal sealed class ShortIdLookupTests
{
    private static readonly ShortIdKey Key = Colliding.Key;

    private readonly FramePool _pool = new(P2PNetwork.Regtest);
    private ManualTimeProvider _time = null!;
    private NodeClock _clock = null!;
    private MessageStore _store = null!;
    private ShortIdLookup _lookup = null!;

    [SetUp]
    public void SetUp()
    {
        _time = new ManualTimeProvider(new DateTimeOffset(2026, 8, 1, 12, 0, 0, TimeSpan.Zero));
        _clock = new NodeClock(_time);
        _store = new MessageStore(80_000_000, TimeSpan.FromMinutes(10));
        _lookup = new ShortIdLookup(_store, _clock);
    }

    [TearDown]
    public void TearDown() => _store.Clear();

    [Test]
    public void What_is_kept_is_found_and_what_is_not_is_missing()
    {
        MessageId[] kept = [.. Enumerable.Range(0, 1000).Select(i => Keep(i))];
        ShortId[] names = [.. kept.Select(Name), Name(MessageId.Empty)];

        ResolvedId[] resolved = _lookup.Resolve(names, Key);

        Assert.That(resolved[..1000], Is.EqualTo(kept.Select(id => new ResolvedId(Resolution.Found, id))));
        Assert.That(resolved[1000].Resolution, Is.EqualTo(Resolution.Missing));
    }

    [Test]
    public void What_comes_later_is_found_under_a_key_that_was_asked_with_before()
    {
        Assert.That(_lookup.Resolve([Name(MessageId.Compute([1, 0, 0, 0]))], Key)[0].Resolution, Is.EqualTo(Resolution.Missing));

        MessageId id = Keep(1);

        Assert.That(_lookup.Resolve([Name(id)], Key)[0], Is.EqualTo(new ResolvedId(Resolution.Found, id)));
    }

    [Test]
    public void What_is_not_kept_any_more_is_missing_although_the_table_has_it()
    {
        MessageId id = Keep(1);
        _time.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(1));
        Assert.That(_lookup.Resolve([Name(id)], Key)[0].Resolution, Is.EqualTo(Resolution.Found));

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.That(_lookup.Resolve([Name(id)], Key)[0].Resolution, Is.EqualTo(Resolution.Missing));
    }

    [Test]
    public void Of_two_messages_with_one_short_id_neither_is_guessed()
    {
        Assert.That(Name(MessageId.Compute(Colliding.One)), Is.EqualTo(Name(MessageId.Compute(Colliding.Other))));
        Keep(Colliding.One);
        Assert.That(_lookup.Resolve([Colliding.Name], Key)[0].Resolution, Is.EqualTo(Resolution.Found));

        Keep(Colliding.Other);

        Assert.That(_lookup.Resolve([Colliding.Name], Key)[0].Resolution, Is.EqualTo(Resolution.Ambiguous));
        Assert.That(
            _lookup.Resolve([Colliding.Name], Key with { Low = 0 })[0].Resolution, Is.EqualTo(Resolution.Missing), "under another key");
    }

    [Test]
    public void When_one_of_two_is_gone_the_other_is_meant()
    {
        Keep(Colliding.One);
        _time.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(5));
        MessageId left = Keep(Colliding.Other);
        Assert.That(_lookup.Resolve([Colliding.Name], Key)[0].Resolution, Is.EqualTo(Resolution.Ambiguous));

        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.That(_lookup.Resolve([Colliding.Name], Key)[0], Is.EqualTo(new ResolvedId(Resolution.Found, left)));
    }

    [Test]
    public void A_short_id_that_is_named_twice_is_ambiguous_wherever_it_stands()
    {
        ShortId twice = Name(Keep(1)), once = Name(Keep(2));

        ResolvedId[] resolved = _lookup.Resolve([twice, once, twice, twice], Key);

        Assert.That(
            resolved.Select(id => id.Resolution),
            Is.EqualTo(new[] { Resolution.Ambiguous, Resolution.Found, Resolution.Ambiguous, Resolution.Ambiguous }));
    }

    [Test]
    public void Peers_that_make_up_keys_get_a_budget_of_tables_and_the_upper_layer_has_none()
    {
        int granted = 0;
        for (ulong i = 0; i < 100; i++)
            granted += _lookup.TableOf(new ShortIdKey(i, 0), isForPeer: true) is null ? 0 : 1;
        Assert.That(granted, Is.EqualTo(20));
        Assert.That(_lookup.TableOf(new ShortIdKey(19, 0), isForPeer: true), Is.Not.Null, "It is there.");
        Assert.That(_lookup.TableOf(new ShortIdKey(500, 0), isForPeer: false), Is.Not.Null);

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.That(_lookup.TableOf(new ShortIdKey(1000, 0), isForPeer: true), Is.Not.Null);
    }

    [Test]
    [Category("Slow")]
    public void Peers_that_make_up_keys_push_out_no_table_of_the_upper_layers([Values] bool hasManyMessages, [Values] bool wasPeersFirst)
    {
        for (int i = 0; i < (hasManyMessages ? 60_000 : 1); i++)
            Keep(i);
        if (wasPeersFirst)
            _lookup.TableOf(Key, isForPeer: true);
        _lookup.Resolve([Colliding.Name], Key);
        ShortIdTable ours = _lookup.TableOf(Key, isForPeer: true)!;

        for (ulong i = 0; i < 60; i++)
        {
            _lookup.TableOf(new ShortIdKey(i, 0), isForPeer: true);
            _time.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.That(_lookup.TableOf(Key, isForPeer: true), Is.SameAs(ours));
    }

    [Test]
    public void Tables_are_bounded_in_number_and_entries_and_go_after_a_while()
    {
        for (int i = 0; i < 10_000; i++)
            Keep(i);
        for (ulong i = 0; i < 40; i++)
        {
            _lookup.Resolve([Colliding.Name], new ShortIdKey(i, 0));
            Assert.That(_lookup.Memory.Entries, Is.LessThanOrEqualTo(ShortIdLookup.MaxEntries));
            Assert.That(_lookup.Memory.Bytes, Is.LessThanOrEqualTo(_lookup.Memory.Capacity));
        }

        Assert.That(_lookup.Memory.Entries, Is.EqualTo(260_000), "26 tables of them.");
        _time.Advance(ShortIdLookup.TableAge);
        _lookup.Tick();
        Assert.That(_lookup.Memory.Entries, Is.Zero);
    }

    [Test]
    public void A_table_occupies_what_it_says()
    {
        for (int i = 0; i < 50_000; i++)
            Keep(i);
        long before = GC.GetTotalMemory(forceFullCollection: true);

        _lookup.Resolve([Colliding.Name], Key);

        long occupied = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.That(occupied, Is.InRange(1_000_000, _lookup.Memory.Bytes));
        GC.KeepAlive(_lookup);
    }

    [Test]
    public void The_memory_of_tables_is_twice_their_entries_since_they_grow_by_doubling()
    {
        for (int i = 0; i < 10; i++)
            Keep(i);
        Assert.That((_lookup.Memory.Entries, _lookup.Memory.Bytes), Is.EqualTo((0, 0)));

        _lookup.Resolve([Colliding.Name], Key);
        _lookup.Resolve([Colliding.Name], Key with { Low = 0 });

        Assert.That((_lookup.Memory.Entries, _lookup.Memory.Bytes), Is.EqualTo((20, 20 * 2 * ShortIdTable.EntryBytes)));
        Assert.That(_lookup.Memory.Capacity, Is.EqualTo(2L * ShortIdLookup.MaxEntries * ShortIdTable.EntryBytes));
    }

    [Test]
    public void A_table_is_used_for_ten_seconds_and_then_made_anew()
    {
        ShortIdTable table = _lookup.TableOf(Key, isForPeer: false)!;
        _time.Advance(ShortIdLookup.TableAge - TimeSpan.FromMilliseconds(1));
        _lookup.Tick();
        Assert.That(_lookup.TableOf(Key, isForPeer: false), Is.SameAs(table));

        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.That(_lookup.TableOf(Key, isForPeer: false), Is.Not.SameAs(table));
    }

    [Test]
    public void The_heartbeat_forgets_tables_that_are_too_old_and_no_others()
    {
        Keep(1);
        _lookup.TableOf(Key, isForPeer: false);
        _time.Advance(TimeSpan.FromSeconds(4));
        _lookup.TableOf(Key with { Low = 0 }, isForPeer: false);

        _time.Advance(TimeSpan.FromSeconds(6));
        _lookup.Tick();
        Assert.That(_lookup.Memory.Entries, Is.EqualTo(1));

        _time.Advance(TimeSpan.FromSeconds(4));
        _lookup.Tick();
        Assert.That(_lookup.Memory.Entries, Is.Zero);
    }

    [Test]
    public void When_there_are_too_many_tables_the_oldest_goes_of_those_that_only_peers_asked_for()
    {
        ShortIdTable[] tables = [.. Enumerable.Range(0, ShortIdLookup.MaxTables).Select(i => Table(i, isForPeer: i is 1 or 3)!)];
        Assert.That(tables.Select((table, i) => Table(i, isForPeer: i is 1 or 3) == table), Is.All.True, "There is room for 32.");

        Table(100, isForPeer: false);
        Assert.That(Table(0, isForPeer: false), Is.SameAs(tables[0]));
        Assert.That(Table(3, isForPeer: true), Is.SameAs(tables[3]));
        Table(101, isForPeer: false);
        Assert.That(Table(0, isForPeer: false), Is.SameAs(tables[0]));
        Assert.That(Table(2, isForPeer: false), Is.SameAs(tables[2]));

        Table(102, isForPeer: false);
        Assert.That(Table(2, isForPeer: false), Is.SameAs(tables[2]));
        Assert.That(Table(0, isForPeer: false), Is.Not.SameAs(tables[0]), "None is left that only peers asked for.");
    }

    [Test]
    public void A_table_that_the_upper_layer_asked_for_as_well_is_its()
    {
        ShortIdTable shared = Table(0, isForPeer: true)!;
        ShortIdTable peers = Table(1, isForPeer: true)!;
        Assert.That((shared.IsForPeers, peers.IsForPeers), Is.EqualTo((true, true)));

        Table(0, isForPeer: false);
        Table(0, isForPeer: true);

        Assert.That((shared.IsForPeers, peers.IsForPeers), Is.EqualTo((false, true)));
    }

    [Test]
    public void A_message_that_is_noted_twice_counts_once()
    {
        var table = new ShortIdTable(Key, TimeSpan.Zero);
        MessageId one = MessageId.Compute(Colliding.One), other = MessageId.Compute(Colliding.Other);

        bool[] added = [.. new[] { one, one, other, other, one }.Select(id => table.Add(id))];

        Assert.That(added, Is.EqualTo(new[] { true, false, true, false, false }));
        Assert.That(table.Count, Is.EqualTo(2));
        var found = new List<MessageId>();
        table.Find(Colliding.Name, found);
        Assert.That(found, Is.EqualTo(new[] { one, other }));
        table.Find(new ShortId(1), found);
        Assert.That(found, Has.Count.EqualTo(2));
    }

    [Test]
    public void A_table_is_filled_once()
    {
        Keep(1);
        ShortIdTable table = _lookup.TableOf(Key, isForPeer: false)!;
        Assert.That((table.Count, table.Key, table.MadeAt), Is.EqualTo((1, Key, _clock.Now)));
        Frame unnoted = _pool.Create(Command.Logos, [7]);
        _store.Add(unnoted, _clock.Now);
        unnoted.Release();

        table.Fill(_store);

        Assert.That(table.Count, Is.EqualTo(1));
    }

    private static ShortId Name(MessageId id) => ShortId.Of(id, Key);

    private ShortIdTable? Table(int key, bool isForPeer) => _lookup.TableOf(new ShortIdKey((ulong)key, 0), isForPeer);

    private MessageId Keep(int number)
    {
        byte[] payload = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(payload, number);
        return Keep(payload);
    }

    private MessageId Keep(byte[] payload)
    {
        Frame frame = _pool.Create(Command.Logos, payload);
        _store.Add(frame, _clock.Now);
        _lookup.Note(frame.Id);
        MessageId id = frame.Id;
        frame.Release();
        return id;
    }
}
