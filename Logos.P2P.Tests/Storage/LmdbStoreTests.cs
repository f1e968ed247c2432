using System.Runtime.Versioning;
using Logos.P2P.AddrMan;
using Logos.P2P.Storage;
using Logos.P2P.Tests.AddrMan;
using Logos.P2P.Tests.Conformance;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Storage;

/// <summary>The store on a real disk.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class LmdbStoreTests : IDisposable
{
    private const string Grouping = "endpoint";

    private static readonly byte[] Key = [.. Enumerable.Range(1, AddrManParameters.KeySize).Select(i => (byte)i)];

    private readonly string _root = Directory.CreateTempSubdirectory("logosp2p-store-").FullName;

    private string StoreDirectory => Path.Combine(_root, "below", "regtest");

    private string DataFile => Path.Combine(StoreDirectory, "data.mdb");

    private string Workshop => Path.Combine(StoreDirectory, "data.new");

    private string MadeFile => Path.Combine(Workshop, "data.mdb");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Test]
    public void What_is_saved_is_there_after_reopening()
    {
        Book book = FilledBook(500);
        using (LmdbStore store = Open())
        {
            Assert.That(store.LoadAddresses().Entries, Is.Empty);
            store.SaveAddresses(book.Manager.TakeChanges(), Grouping);
        }

        using LmdbStore again = Open();
        Assert.That(again.LoadAddresses().Entries, Is.EquivalentTo(book.Manager.Snapshot()));
    }

    [Test]
    public void Changes_are_applied_in_order_and_removals_remove()
    {
        Book book = FilledBook(10);
        using LmdbStore store = Open();
        AddressChanges all = book.Manager.TakeChanges();
        store.SaveAddresses(all, Grouping);
        AddressEntry first = all.Upserted[0], second = all.Upserted[1];

        store.SaveAddresses(new AddressChanges([first with { Attempts = 3 }], [second.Endpoint], false), Grouping);
        store.SaveAddresses(new AddressChanges([], [Book.Endpoint("1.2.3.4")], false), Grouping);

        IReadOnlyList<AddressEntry> stored = store.LoadAddresses().Entries;
        Assert.That(stored, Has.Count.EqualTo(9));
        Assert.That(stored.Single(entry => entry.Endpoint == first.Endpoint).Attempts, Is.EqualTo(3));
        Assert.That(stored.Select(entry => entry.Endpoint), Does.Not.Contain(second.Endpoint));
    }

    [Test]
    public void Replacing_leaves_nothing_of_what_was_there()
    {
        using LmdbStore store = Open();
        store.SaveAddresses(FilledBook(100).Manager.TakeChanges(), Grouping);
        IReadOnlyList<AddressEntry> others = FilledBook(50, firstByte: 60).Manager.Snapshot();

        store.ReplaceAddresses(others, Grouping);

        Assert.That(store.LoadAddresses().Entries, Is.EquivalentTo(others));
        store.ReplaceAddresses([], Grouping);
        Assert.That(store.LoadAddresses().Entries, Is.Empty);
    }

    [Test]
    public void The_key_is_made_once_and_kept()
    {
        byte[] other = [.. Enumerable.Range(100, AddrManParameters.KeySize).Select(i => (byte)i)];
        using (LmdbStore store = Open())
            Assert.That(store.Key, Is.EqualTo(Key));

        using LmdbStore again = LmdbStore.Open(StoreDirectory, P2PNetwork.Regtest, () => other);
        Assert.That(again.Key, Is.EqualTo(Key));
    }

    [Test]
    public void The_grouping_is_stored_with_the_addresses_that_it_placed()
    {
        using LmdbStore store = Open();
        Assert.That(store.LoadAddresses().Grouping, Is.Null);
        store.SaveAddresses(FilledBook(5).Manager.TakeChanges(), "one");
        Assert.That(store.LoadAddresses().Grouping, Is.EqualTo("one"));
        store.ReplaceAddresses([], "another");
        Assert.That(store.LoadAddresses().Grouping, Is.EqualTo("another"));
    }

    [Test]
    public void A_map_that_is_full_grows_and_nothing_is_lost()
    {
        Book book = FilledBook(1200);
        using (LmdbStore store = Open(mapSize: 64 * 1024))
        {
            store.SaveAddresses(book.Manager.TakeChanges(), Grouping);
            Assert.That(store.LoadAddresses().Entries, Is.EquivalentTo(book.Manager.Snapshot()));
            store.ReplaceAddresses(book.Manager.Snapshot(), Grouping);
        }

        // Grown once, it opens with the small size as well.
        using LmdbStore again = Open(mapSize: 64 * 1024);
        Assert.That(again.LoadAddresses().Entries, Is.EquivalentTo(book.Manager.Snapshot()));
        again.SaveAddresses(FilledBook(1200, firstByte: 60).Manager.TakeChanges(), Grouping);
        Assert.That(new FileInfo(DataFile).Length, Is.GreaterThan(64 * 1024));
    }

    [Test]
    public async Task A_map_that_is_full_grows_while_another_thread_writes_and_reads()
    {
        Book book = FilledBook(1200);
        IReadOnlyList<AddressEntry> entries = [.. book.Manager.Snapshot()];
        DateTimeOffset now = DateTimeOffset.UnixEpoch;
        using LmdbStore store = Open(mapSize: 64 * 1024);
        Ban[] bans =
        [
            .. Enumerable.Range(0, 4000).Select(
                i => new Ban(Subnet.Parse($"10.1.{i >> 8}.{i & 255}"), now, now.AddDays(1))),
        ];

        using var start = new Barrier(2);
        Task addresses = Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                for (int i = 1; i <= 30; i++)
                    store.ReplaceAddresses([.. entries.Take(40 * i)], Grouping);
            },
            TaskCreationOptions.LongRunning);
        Task banning = Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                for (int i = 1; i <= 30; i++)
                {
                    store.SaveBans([.. bans.Take(133 * i)]);
                    store.LoadBans(out _);
                }
            },
            TaskCreationOptions.LongRunning);
        await Task.WhenAll(addresses, banning);

        Assert.That(store.LoadAddresses().Entries, Is.EquivalentTo(entries));
        Assert.That(store.LoadBans(out _), Has.Count.EqualTo(133 * 30));
    }

    [Test]
    public void A_second_node_on_the_directory_is_told_what_to_do()
    {
        using LmdbStore first = Open();

        Assert.That(
            () => Open(),
            Throws.InstanceOf<StoreException>().With.Message.Contains(StoreDirectory)
                .And.Message.Contains("another node").And.Message.Contains("-datadir"));
    }

    [Test]
    public void A_lock_that_cannot_be_made_is_not_taken_for_another_node()
    {
        Directory.CreateDirectory(StoreDirectory);
        // Whatever else the file system refuses, such as a full disk: a link to itself.
        string file = Path.Combine(StoreDirectory, "node.lock");
        File.CreateSymbolicLink(file, file);

        Assert.That(
            () => Open(),
            Throws.InstanceOf<StoreException>().With.Message.Contains(StoreDirectory)
                .And.Message.Contains("cannot be used").And.Message.Not.Contains("another node"));
    }

    [TestCase(1, 1)]
    [TestCase(2, 2)]
    public void A_look_is_repeated_when_the_node_may_have_written_over_what_was_read(int commits, int looks)
    {
        using LmdbStore node = Open();
        int looked = 0;

        StoredBook book = LmdbStore.Look(StoreDirectory, P2PNetwork.Regtest, store =>
        {
            StoredBook read = store.LoadAddresses();
            for (int i = 0; i < commits && looked == 0; i++)
                node.SaveAddresses(FilledBook(5 * (i + 1)).Manager.TakeChanges(), Grouping);
            looked++;
            return read;
        });

        Assert.That(looked, Is.EqualTo(looks));
        Assert.That(book.Entries, Has.Count.EqualTo(looks == 1 ? 0 : 10));
    }

    [Test]
    public void A_look_that_never_keeps_up_is_given_up_with_a_word()
    {
        using LmdbStore node = Open();

        Assert.That(
            () => LmdbStore.Look(StoreDirectory, P2PNetwork.Regtest, _ =>
            {
                node.SaveAnchors([]);
                node.SaveAddresses(FilledBook(5).Manager.TakeChanges(), Grouping);
                return 0;
            }),
            Throws.InstanceOf<StoreException>().With.Message.Contains(DataFile).And.Message.Contains("Try again"));
    }

    [Test]
    public void A_directory_is_free_again_after_the_store_is_disposed_and_after_a_failure()
    {
        Open().Dispose();
        File.WriteAllText(DataFile, new string('x', 100_000));
        Assert.That(() => Open(), Throws.InstanceOf<StoreException>());
        File.Delete(DataFile);

        using LmdbStore again = Open();
        Assert.That(again.LoadAddresses().Entries, Is.Empty);
    }

    [Test]
    [UnsupportedOSPlatform("windows")]
    public void Nobody_but_the_owner_may_read_what_a_store_writes()
    {
        using LmdbStore store = Open();

        Assert.That(File.GetUnixFileMode(StoreDirectory), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
        foreach (string file in Directory.GetFiles(StoreDirectory))
            Assert.That(File.GetUnixFileMode(file), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite), file);
    }

    [Test]
    public void To_take_anchors_that_there_are_not_writes_nothing()
    {
        using LmdbStore store = Open();
        ulong before = LmdbFile.LastTransaction(DataFile);

        Assert.That(store.TakeAnchors(out bool areDamaged), Is.Empty);

        Assert.That(areDamaged, Is.False);
        Assert.That(LmdbFile.LastTransaction(DataFile), Is.EqualTo(before));
    }

    [Test]
    public void A_store_that_is_closed_says_so()
    {
        LmdbStore store = Open();
        store.Dispose();

        Assert.That(() => store.SaveAnchors([]), Throws.InstanceOf<StoreException>().With.Message.Contains("is closed"));
        Assert.That(() => store.LoadAddresses(), Throws.InstanceOf<StoreException>().With.Message.Contains("is closed"));
    }

    [TestCase(0)]
    [TestCase(4096)]
    [TestCase(8192)]
    public void What_a_power_cut_left_of_a_store_that_was_being_made_is_made_anew(int zeros)
    {
        Directory.CreateDirectory(Workshop);
        File.WriteAllBytes(MadeFile, new byte[zeros]);

        using LmdbStore store = Open();
        Assert.That(store.Key, Is.EqualTo(Key));
        Assert.That(Workshop, Does.Not.Exist);
    }

    [Test]
    public void A_store_of_which_only_the_renaming_was_lost_is_the_store()
    {
        Book book = FilledBook(50);
        using (LmdbStore store = Open())
            store.SaveAddresses(book.Manager.TakeChanges(), Grouping);
        Directory.CreateDirectory(Workshop);
        File.Move(DataFile, MadeFile);

        using LmdbStore again = Open();
        Assert.That(again.LoadAddresses().Entries, Is.EquivalentTo(book.Manager.Snapshot()));
        Assert.That(Workshop, Does.Not.Exist);
    }

    [Test]
    public void An_empty_file_is_no_store_and_one_is_made_in_its_place()
    {
        Directory.CreateDirectory(StoreDirectory);
        File.WriteAllText(DataFile, "");

        using LmdbStore store = Open();
        Assert.That(store.LoadAddresses().Entries, Is.Empty);
    }

    [Test]
    [Conformance("M3")]
    public void Anchors_come_back_in_order_and_once()
    {
        Anchor[] anchors =
        [
            new(Book.Endpoint("1.2.3.4", 1), Services.Logos),
            new(Book.Endpoint("pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion"), (Services)ulong.MaxValue),
            new(Book.Endpoint("[2a00::1]"), Services.None),
        ];
        using (LmdbStore store = Open())
        {
            store.SaveAnchors([anchors[2], anchors[0], anchors[1], anchors[1]]);
            store.SaveAnchors(anchors);
        }

        using LmdbStore again = Open();
        Assert.That(again.TakeAnchors(out bool areDamaged), Is.EqualTo(anchors));
        Assert.That(areDamaged, Is.False);
        Assert.That(again.TakeAnchors(out areDamaged), Is.Empty);
        Assert.That(areDamaged, Is.False);
    }

    [Test]
    public void A_store_can_be_looked_at_while_a_node_has_it_open()
    {
        Book book = FilledBook(50);
        using LmdbStore node = Open();
        node.SaveAddresses(book.Manager.TakeChanges(), Grouping);

        for (int i = 0; i < 3; i++)
        {
            using LmdbStore look = Look();
            Assert.That(look.LoadAddresses().Entries, Is.EquivalentTo(book.Manager.Snapshot()));
        }

        node.SaveAddresses(FilledBook(10, firstByte: 60).Manager.TakeChanges(), Grouping);
        Assert.That(node.LoadAddresses().Entries, Has.Count.EqualTo(60), "The node's store still works.");
    }

    [Test]
    public void Looking_at_a_directory_without_a_store_makes_none()
    {
        Assert.That(LmdbStore.Exists(StoreDirectory), Is.False);
        Assert.That(P2PNode.ReadStoredAddresses(_root, P2PNetwork.Regtest), Is.Empty);
        Assert.That(Directory.EnumerateFileSystemEntries(_root), Is.Empty);
    }

    [Test]
    public void A_file_where_the_directory_should_be_is_named()
    {
        File.WriteAllText(Path.Combine(_root, "below"), "");

        Assert.That(
            () => Open(),
            Throws.InstanceOf<IOException>().With.Message.Contains(Path.Combine(_root, "below")));
    }

    private static Book FilledBook(int count, int firstByte = 20)
    {
        var book = new Book();
        int i = 0;
        while (book.Manager.Count < count)
        {
            string host = $"{firstByte + (i / 60_000)}.{i / 250 % 250}.{i % 250}.1";
            book.Add(host, $"{firstByte + (i % 40)}.{i % 200}.1.1");
            if (i % 10 == 0)
                book.Manager.Good(Book.Endpoint(host), book.Now);
            i++;
        }

        return book;
    }

    private LmdbStore Open(long mapSize = 1 << 25) => LmdbStore.Open(StoreDirectory, P2PNetwork.Regtest, () => Key, mapSize);

    private LmdbStore Look() => LmdbStore.OpenReadOnly(StoreDirectory, P2PNetwork.Regtest);
}
