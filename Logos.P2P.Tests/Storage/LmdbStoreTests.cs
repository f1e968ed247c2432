using LightningDB;
using Logos.P2P.AddrMan;
using Logos.P2P.Storage;
using Logos.P2P.Tests.AddrMan;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Storage;

/// <summary>The store on a real disk.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class LmdbStoreTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("logosp2p-store-").FullName;

    private string StoreDirectory => Path.Combine(_root, "below", "regtest");

    private string DataFile => Path.Combine(StoreDirectory, "data.mdb");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Test]
    public void What_is_saved_is_there_after_reopening()
    {
        Book book = FilledBook(500);
        using (LmdbStore store = LmdbStore.Open(StoreDirectory))
        {
            Assert.That(store.LoadAddresses(), Is.Empty);
            store.SaveAddresses(book.Manager.TakeChanges());
        }

        using LmdbStore again = LmdbStore.Open(StoreDirectory);
        Assert.That(again.LoadAddresses(), Is.EquivalentTo(book.Manager.Snapshot()));
    }

    [Test]
    public void Changes_are_applied_in_order_and_removals_remove()
    {
        Book book = FilledBook(10);
        using LmdbStore store = LmdbStore.Open(StoreDirectory);
        AddressChanges all = book.Manager.TakeChanges();
        store.SaveAddresses(all);
        AddressEntry first = all.Upserted[0], second = all.Upserted[1];

        store.SaveAddresses(new AddressChanges([first with { Attempts = 3 }], [second.Endpoint], false));
        store.SaveAddresses(new AddressChanges([], [Book.Endpoint("1.2.3.4")], false));

        IReadOnlyList<AddressEntry> stored = store.LoadAddresses();
        Assert.That(stored, Has.Count.EqualTo(9));
        Assert.That(stored.Single(entry => entry.Endpoint == first.Endpoint).Attempts, Is.EqualTo(3));
        Assert.That(stored.Select(entry => entry.Endpoint), Does.Not.Contain(second.Endpoint));
    }

    [Test]
    public void Replacing_leaves_nothing_of_what_was_there()
    {
        using LmdbStore store = LmdbStore.Open(StoreDirectory);
        store.SaveAddresses(FilledBook(100).Manager.TakeChanges());
        IReadOnlyList<AddressEntry> others = FilledBook(50, firstByte: 60).Manager.Snapshot();

        store.ReplaceAddresses(others);

        Assert.That(store.LoadAddresses(), Is.EquivalentTo(others));
        store.ReplaceAddresses([]);
        Assert.That(store.LoadAddresses(), Is.Empty);
    }

    [Test]
    public void The_key_is_made_once_and_kept()
    {
        byte[] key = [.. Enumerable.Range(1, AddrManParameters.KeySize).Select(i => (byte)i)];
        int made = 0;
        using (LmdbStore store = LmdbStore.Open(StoreDirectory))
        {
            Assert.That(store.LoadKey(Make), Is.EqualTo(key));
            Assert.That(store.LoadKey(Make), Is.EqualTo(key));
        }

        using LmdbStore again = LmdbStore.Open(StoreDirectory);
        Assert.That(again.LoadKey(Make), Is.EqualTo(key));
        Assert.That(made, Is.EqualTo(1));

        byte[] Make()
        {
            made++;
            return key;
        }
    }

    [Test]
    public void A_map_that_is_full_grows_and_nothing_is_lost()
    {
        Book book = FilledBook(1200);
        using (LmdbStore store = LmdbStore.Open(StoreDirectory, mapSize: 64 * 1024))
        {
            store.SaveAddresses(book.Manager.TakeChanges());
            Assert.That(store.LoadAddresses(), Is.EquivalentTo(book.Manager.Snapshot()));
            store.ReplaceAddresses(book.Manager.Snapshot());
        }

        // Grown once, it opens with the small size as well.
        using LmdbStore again = LmdbStore.Open(StoreDirectory, mapSize: 64 * 1024);
        Assert.That(again.LoadAddresses(), Is.EquivalentTo(book.Manager.Snapshot()));
        again.SaveAddresses(FilledBook(1200, firstByte: 60).Manager.TakeChanges());
        Assert.That(new FileInfo(DataFile).Length, Is.GreaterThan(64 * 1024));
    }

    [Test]
    public void A_second_node_on_the_directory_is_told_what_to_do()
    {
        using LmdbStore first = LmdbStore.Open(StoreDirectory);

        Assert.That(
            () => LmdbStore.Open(StoreDirectory),
            Throws.InstanceOf<StoreException>().With.Message.Contains(StoreDirectory)
                .And.Message.Contains("another node").And.Message.Contains("-datadir"));
    }

    [Test]
    public void A_directory_is_free_again_after_the_store_is_disposed_and_after_a_failure()
    {
        LmdbStore.Open(StoreDirectory).Dispose();
        File.WriteAllText(DataFile, new string('x', 100_000));
        Assert.That(() => LmdbStore.Open(StoreDirectory), Throws.InstanceOf<StoreException>());
        File.Delete(DataFile);

        using LmdbStore again = LmdbStore.Open(StoreDirectory);
        Assert.That(again.LoadAddresses(), Is.Empty);
    }

    private static IEnumerable<TestCaseData> Damages()
    {
        yield return Row("text", (_, _) => System.Text.Encoding.ASCII.GetBytes(new string('x', 50_000)));
        yield return Row("zeros", (file, _) => new byte[file.Length]);
        yield return Row("both meta pages", (file, random) =>
        {
            random.NextBytes(file.AsSpan(0, 2 * 4096));
            return file;
        });
        yield return Row("too short", (file, _) => file[..100]);

        static TestCaseData Row(string name, Func<byte[], Random, byte[]> damage) =>
            new TestCaseData(damage).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Damages))]
    public void A_damaged_or_foreign_file_is_named_with_what_to_do(Func<byte[], Random, byte[]> damage)
    {
        using (LmdbStore store = LmdbStore.Open(StoreDirectory))
            store.SaveAddresses(FilledBook(100).Manager.TakeChanges());
        File.WriteAllBytes(DataFile, damage(File.ReadAllBytes(DataFile), new Random(1)));

        foreach (Func<LmdbStore> open in new[] { () => LmdbStore.Open(StoreDirectory), () => LmdbStore.OpenReadOnly(StoreDirectory) })
        {
            Assert.That(
                () => open().LoadAddresses(),
                Throws.InstanceOf<StoreException>().With.Message.Contains(DataFile).And.Message.Contains("move it"));
        }
    }

    [Test]
    public void Entries_that_cannot_be_read_are_left_out()
    {
        using (LmdbStore store = LmdbStore.Open(StoreDirectory))
            store.SaveAddresses(FilledBook(5).Manager.TakeChanges());
        Put("addresses", "garbage"u8.ToArray(), [0xFF, 0, 0xFF]);

        using LmdbStore again = LmdbStore.Open(StoreDirectory);
        Assert.That(again.LoadAddresses(), Has.Count.EqualTo(5));
    }

    [TestCase(2)]
    [TestCase(0)]
    public void Another_schema_is_refused_and_left_as_it_is(int version)
    {
        LmdbStore.Open(StoreDirectory).Dispose();
        Put("meta", "schema"u8.ToArray(), BitConverter.GetBytes(version));

        for (int i = 0; i < 2; i++)
        {
            Assert.That(
                () => LmdbStore.Open(StoreDirectory),
                Throws.InstanceOf<StoreException>().With.Message.Contains(DataFile).And.Message.Contains("version"));
            Assert.That(
                () => LmdbStore.OpenReadOnly(StoreDirectory),
                Throws.InstanceOf<StoreException>().With.Message.Contains("version"));
        }
    }

    [Test]
    public void A_store_can_be_looked_at_while_a_node_has_it_open()
    {
        Book book = FilledBook(50);
        using LmdbStore node = LmdbStore.Open(StoreDirectory);
        node.SaveAddresses(book.Manager.TakeChanges());

        for (int i = 0; i < 3; i++)
        {
            using LmdbStore look = LmdbStore.OpenReadOnly(StoreDirectory);
            Assert.That(look.LoadAddresses(), Is.EquivalentTo(book.Manager.Snapshot()));
        }

        node.SaveAddresses(FilledBook(10, firstByte: 60).Manager.TakeChanges());
        Assert.That(node.LoadAddresses(), Has.Count.EqualTo(60), "The node's store still works.");
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
            () => LmdbStore.Open(StoreDirectory),
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

    private void Put(string database, byte[] key, byte[] value)
    {
        using var environment = new LightningEnvironment(
            StoreDirectory, new EnvironmentConfiguration { MapSize = 1 << 25, MaxDatabases = 2 });
        environment.Open(EnvironmentOpenFlags.NoThreadLocalStorage);
        using LightningTransaction transaction = environment.BeginTransaction();
        using LightningDatabase opened = transaction.OpenDatabase(database);
        transaction.Put(opened, key, value).ThrowOnError();
        transaction.Commit().ThrowOnError();
    }

    [Test]
    public void A_key_of_another_length_is_an_error_that_names_the_file()
    {
        using LmdbStore store = LmdbStore.Open(StoreDirectory);
        store.LoadKey(() => [1, 2, 3]);

        Assert.That(
            () => store.LoadKey(() => []),
            Throws.InstanceOf<StoreException>().With.Message.Contains(Path.Combine(StoreDirectory, "data.mdb")));
    }

    [Test]
    public void Looking_at_a_file_that_was_cut_short_is_an_error_at_every_length()
    {
        using var directory = new TemporaryDirectory();
        using (LmdbStore store = LmdbStore.Open(directory.Path))
            store.LoadKey(() => new byte[32]);
        string file = directory.File("data.mdb");
        byte[] whole = File.ReadAllBytes(file);
        Assert.That(() => LmdbStore.OpenReadOnly(directory.Path).Dispose(), Throws.Nothing);

        for (int length = whole.Length - 512; length > 0; length -= 512)
        {
            File.WriteAllBytes(file, whole[..length]);
            Assert.That(
                () => LmdbStore.OpenReadOnly(directory.Path).Dispose(),
                Throws.InstanceOf<StoreException>().With.Message.Contains(file), $"{length} bytes");
        }
    }
}
