using System.Buffers.Binary;
using LightningDB;
using Logos.P2P.AddrMan;
using Logos.P2P.Storage;
using Logos.P2P.Tests.AddrMan;
using Logos.P2P.Tests.Conformance;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Storage;

/// <summary>
/// A database that is not as it was left: what can be read is read, all else is an error that names the file, and nothing
/// ends the process.
/// </summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class LmdbDamageTests : IDisposable
{
    private const int PageSize = 4096;
    private const string Grouping = "endpoint";

    private readonly TemporaryDirectory _directory = new();

    private string DataFile => _directory.File(LmdbStore.DataFile);

    public void Dispose() => _directory.Dispose();

    private static IEnumerable<TestCaseData> Damages()
    {
        yield return Row("text", (_, _) => System.Text.Encoding.ASCII.GetBytes(new string('x', 50_000)));
        yield return Row("zeros", (file, _) => new byte[file.Length]);
        yield return Row("too short for anything", (file, _) => file[..100]);
        yield return Row("both meta pages", (file, random) =>
        {
            random.NextBytes(file.AsSpan(0, 2 * PageSize));
            return file;
        });
        yield return Row("magic of the first meta page", Flip(16));
        yield return Row("magic of the second meta page", Flip(PageSize + 16));
        yield return Row("version of LMDB", Flip(20));
        yield return Row("page size", Flip(41));
        yield return Row("page size of one meta page", Flip(PageSize + 41));
        yield return Row("map size", Flip(39, 0xD5));
        yield return Row("last page", Flip(142));
        yield return Row("every page after the first two", (file, random) =>
        {
            random.NextBytes(file.AsSpan(2 * PageSize));
            return file;
        });

        static TestCaseData Row(string name, Func<byte[], Random, byte[]> damage) =>
            new TestCaseData(damage).SetArgDisplayNames(name);

        static Func<byte[], Random, byte[]> Flip(int offset, byte bits = 0x55) => (file, _) =>
        {
            file[offset] ^= bits;
            return file;
        };
    }

    [TestCaseSource(nameof(Damages))]
    public void A_damaged_or_foreign_file_is_named_with_what_to_do(Func<byte[], Random, byte[]> damage)
    {
        Fill(100);
        byte[] damaged = damage(File.ReadAllBytes(DataFile), new Random(1));
        File.WriteAllBytes(DataFile, damaged);

        AssertIsDamaged();
        Assert.That(File.ReadAllBytes(DataFile), Is.EqualTo(damaged), "It is left for whoever wants to mend it.");
    }

    [Test]
    public void A_file_that_was_cut_short_is_an_error_at_every_length_that_matters()
    {
        Fill(1500);
        byte[] whole = File.ReadAllBytes(DataFile);
        int needed = Enumerable.Range(0, whole.Length / PageSize).Count(IsNeeded);

        // Pages that are free may be missing: LMDB writes them before it reads them.
        bool IsNeeded(int page)
        {
            File.WriteAllBytes(DataFile, whole[..(page * PageSize)]);
            return !CanOpen();
        }

        Assert.That(needed, Is.GreaterThan(10));
        int last = Enumerable.Range(1, whole.Length / PageSize).Last(IsNeeded);
        for (int length = 1; length < (last + 1) * PageSize; length += 509)
        {
            File.WriteAllBytes(DataFile, whole[..length]);
            AssertIsDamaged();
        }
    }

    [Test]
    public void A_file_with_nothing_in_it_is_as_good_as_none()
    {
        File.WriteAllBytes(DataFile, []);
        Assert.That(LmdbStore.Exists(_directory.Path), Is.False);

        using LmdbStore store = Open();
        Assert.That(store.LoadAddresses().Entries, Is.Empty);
    }

    [Test]
    public void A_directory_where_the_file_should_be_is_named()
    {
        Directory.CreateDirectory(DataFile);

        Assert.That(() => Open(), Throws.InstanceOf<StoreException>().With.Message.Contains(_directory.Path));
    }

    [Test]
    public void A_file_that_must_not_be_read_is_named()
    {
        Fill(5);
        if (OperatingSystem.IsWindows())
            return;
        if (Environment.IsPrivilegedProcess)
            Assert.Ignore("Root may read everything.");
        File.SetUnixFileMode(DataFile, UnixFileMode.None);

        Assert.That(() => Open(), Throws.InstanceOf<StoreException>().With.Message.Contains(_directory.Path));
    }

    [TestCase(4)]
    [TestCase(2)]
    [TestCase(1)]
    [TestCase(0)]
    public void Another_schema_is_refused_and_left_as_it_is(int version)
    {
        Fill(5);
        Put("meta", "schema", BitConverter.GetBytes(version));

        for (int i = 0; i < 2; i++)
        {
            foreach (Func<LmdbStore> open in new[] { Open, Look })
            {
                Assert.That(
                    () => open(),
                    Throws.InstanceOf<StoreException>().With.Message.Contains(DataFile).And.Message.Contains("version"));
            }
        }
    }

    [TestCase(P2PNetwork.Main, "Main")]
    [TestCase(null, "01020304")]
    public void The_addresses_of_another_network_are_refused(P2PNetwork? network, string name)
    {
        Fill(5);
        byte[] magic = [1, 2, 3, 4];
        if (network is { } known)
            BinaryPrimitives.WriteUInt32LittleEndian(magic, known.Magic());
        Put("meta", "network", magic);

        foreach (Func<LmdbStore> open in new[] { Open, Look })
        {
            Assert.That(
                () => open(),
                Throws.InstanceOf<StoreException>().With.Message.Contains(DataFile)
                    .And.Message.Contains($"network {name}, not to Regtest"));
        }
    }

    [TestCase("schema", 3)]
    [TestCase("network", 5)]
    [TestCase("addrman.key", 31)]
    [TestCase("addrman.key", 33)]
    [TestCase("addrman.key", 0)]
    [TestCase("schema", null)]
    [TestCase("network", null)]
    [TestCase("addrman.key", null)]
    public void What_a_store_is_made_with_cannot_be_missing_or_of_another_size(string key, int? size)
    {
        Fill(5);
        Put("meta", key, size is null ? null : new byte[size.Value]);

        AssertIsDamaged();
    }

    [TestCase("meta")]
    [TestCase("peers")]
    [TestCase("anchors")]
    [TestCase("banlist")]
    public void A_database_that_lost_its_name_is_not_taken_for_one_that_never_was(string name)
    {
        Fill(5);
        byte[] file = File.ReadAllBytes(DataFile);
        byte[] record = [(byte)name.Length, 0, .. System.Text.Encoding.ASCII.GetBytes(name)];
        for (int at; (at = file.AsSpan().IndexOf(record)) >= 0;)
            file[at + 2 + name.Length - 1]++;
        File.WriteAllBytes(DataFile, file);

        foreach (Func<LmdbStore> open in new[] { Open, Look })
            Assert.That(() => open(), Throws.InstanceOf<StoreException>().With.Message.Contains(DataFile));
    }

    [TestCase(new byte[0])]
    [TestCase(new byte[] { 1, 1, 4, 1, 2, 3 })]
    [TestCase(new byte[] { 1, 1, 4, 1, 2, 3, 4, 5, 6, 7 })]
    [TestCase(new byte[] { 1, 99, 4, 1, 2, 3, 4, 5, 6 })]
    [Conformance("M3")]
    public void One_damaged_anchor_means_none_and_the_next_start_knows_of_no_damage(byte[] damaged)
    {
        using (LmdbStore store = Open())
            store.SaveAnchors([new Anchor(Book.Endpoint("1.2.3.4"), Services.Logos)]);
        Put("anchors", "x", damaged);

        using LmdbStore again = Open();
        Assert.That(again.TakeAnchors(out bool areDamaged), Is.Empty);
        Assert.That(areDamaged, Is.True);
        Assert.That(again.TakeAnchors(out areDamaged), Is.Empty);
        Assert.That(areDamaged, Is.False);
    }

    [Test]
    public void Entries_that_cannot_be_read_are_counted_and_stay_where_they_are()
    {
        Fill(5);
        AddressEntry stray = Books(6)[^1];
        byte[] value = new byte[AddressEntryCodec.GetSize(stray)];
        AddressEntryCodec.Write(stray, value);
        Put("peers", "garbage", [0xFF, 0, 0xFF]);
        Put("peers", "another's key", value);

        for (int i = 0; i < 2; i++)
        {
            using LmdbStore store = Open();
            StoredBook stored = store.LoadAddresses();
            Assert.That(stored.Entries, Has.Count.EqualTo(5));
            Assert.That(stored.Unreadable, Is.EqualTo(2));
        }
    }

    [Test]
    public void Whatever_random_bytes_are_damaged_the_process_lives_and_a_store_that_opens_can_be_used()
    {
        const int seed = 20260801;
        TestContext.Out.WriteLine($"Seed {seed}");
        // Several commits, so that there are free pages, and pages that were free and are not any more.
        Fill(900);
        using (LmdbStore store = Open())
        {
            store.ReplaceAddresses(Books(700), Grouping);
            store.ReplaceAddresses(Books(1200), Grouping);
            store.SaveAnchors([new Anchor(Book.Endpoint("1.2.3.4"), Services.Logos)]);
        }

        byte[] whole = File.ReadAllBytes(DataFile);
        int refused = 0, used = 0;
        for (int i = 0; i < 300; i++)
        {
            var random = new Random(seed + i);
            byte[] damaged = Damage(whole, random);
            File.WriteAllBytes(DataFile, damaged);
            try
            {
                using (LmdbStore look = Look())
                    look.LoadAddresses();
                using (LmdbStore store = Open())
                {
                    store.LoadAddresses();
                    store.TakeAnchors(out _);
                    store.SaveAddresses(new AddressChanges(Books(300), [], false), Grouping);
                    store.ReplaceAddresses(Books(400), Grouping);
                }

                using LmdbStore again = Open();
                Assert.That(again.LoadAddresses().Entries, Has.Count.EqualTo(400), $"run {i}");
                used++;
            }
            catch (StoreException e)
            {
                Assert.That(e.Message, Does.Contain(_directory.Path), $"run {i}");
                refused++;
            }
        }

        TestContext.Out.WriteLine($"{refused} refused, {used} used");
        Assert.That(refused, Is.GreaterThan(100));
        Assert.That(used, Is.GreaterThan(10), "Some damage is in entries or in pages that nobody needs.");
    }

    /// <summary>A few bytes, a run of them, or a page in the place of another.</summary>
    private static byte[] Damage(byte[] whole, Random random)
    {
        byte[] file = [.. whole];
        switch (random.Next(4))
        {
            case 0:
                for (int i = random.Next(1, 20); i > 0; i--)
                    file[random.Next(file.Length)] = (byte)random.Next(256);
                break;
            case 1:
                random.NextBytes(file.AsSpan(random.Next(file.Length - 600), random.Next(1, 600)));
                break;
            case 2:
                // Where pages and nodes say what they are.
                file[(random.Next(file.Length / PageSize) * PageSize) + random.Next(160)] ^= (byte)(1 << random.Next(8));
                break;
            default:
                int pages = file.Length / PageSize;
                whole.AsSpan(random.Next(pages) * PageSize, PageSize).CopyTo(file.AsSpan(random.Next(pages) * PageSize));
                break;
        }

        return file;
    }

    private static IReadOnlyList<AddressEntry> Books(int count)
    {
        var book = new Book();
        for (int i = 0; book.Manager.Count < count; i++)
            book.Add($"{20 + (i / 250 % 60)}.{i % 250}.1.1", $"{20 + (i % 40)}.{i % 200}.1.1");
        return book.Manager.Snapshot();
    }

    private void Fill(int count)
    {
        using LmdbStore store = Open();
        store.SaveAddresses(new AddressChanges(Books(count), [], false), Grouping);
    }

    private void AssertIsDamaged()
    {
        foreach (Func<LmdbStore> open in new[] { Open, Look })
        {
            Assert.That(
                () => open(),
                Throws.InstanceOf<StoreException>().With.Message.Contains(DataFile).And.Message.Contains("damaged (")
                    .And.Message.Contains("move it away"));
        }
    }

    private bool CanOpen()
    {
        try
        {
            Look().Dispose();
            return true;
        }
        catch (StoreException)
        {
            return false;
        }
    }

    private LmdbStore Open() =>
        LmdbStore.Open(_directory.Path, P2PNetwork.Regtest, () => new byte[AddrManParameters.KeySize]);

    private LmdbStore Look() => LmdbStore.OpenReadOnly(_directory.Path, P2PNetwork.Regtest);

    private void Put(string database, string key, byte[]? value)
    {
        using var environment = new LightningEnvironment(
            _directory.Path, new EnvironmentConfiguration { MapSize = 1 << 25, MaxDatabases = 3 });
        environment.Open(EnvironmentOpenFlags.NoThreadLocalStorage);
        using LightningTransaction transaction = environment.BeginTransaction();
        using LightningDatabase opened = transaction.OpenDatabase(database);
        byte[] name = System.Text.Encoding.ASCII.GetBytes(key);
        if (value is null)
            transaction.Delete(opened, name).ThrowOnError();
        else
            transaction.Put(opened, name, value).ThrowOnError();
        transaction.Commit().ThrowOnError();
    }
}
