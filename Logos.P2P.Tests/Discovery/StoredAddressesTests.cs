using Logos.P2P.AddrMan;
using Logos.P2P.Discovery;
using Logos.P2P.Node;
using Logos.P2P.Storage;
using Logos.P2P.Tests.AddrMan;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Discovery;

/// <summary>What a node knows when it starts, and what it says of what it left out.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class StoredAddressesTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly RecordingLogger _logger = new();
    private readonly Book _before = new();

    private string Snapshot => _directory.File("peers.dat");

    public void Dispose() => _directory.Dispose();

    [Test]
    public void A_node_knows_what_it_knew_before()
    {
        Fill();
        using LmdbStore store = Save(P2PNetwork.Main, "prefix");

        AddressManager book = Load(store, P2PNetwork.Main);

        Assert.That(book.Snapshot(), Is.EquivalentTo(_before.Manager.Snapshot()));
        Assert.That(book.TakeChanges().IsEmpty, Is.True, "The store has all of it.");
        Assert.That(_logger.Lines, Is.Empty);
        book.Check();
    }

    [Test]
    public void Where_the_database_has_nothing_peers_dat_is_read_and_all_of_it_is_to_be_stored()
    {
        Fill();
        WriteSnapshot("prefix");
        using LmdbStore store = Open(P2PNetwork.Main);

        AddressManager book = Load(store, P2PNetwork.Main);

        Assert.That(book.Snapshot(), Is.EquivalentTo(_before.Manager.Snapshot()));
        Assert.That(book.TakeChanges().Upserted, Is.EquivalentTo(_before.Manager.Snapshot()));
        Assert.That(_logger.Lines, Is.EqualTo((string[])[$"Information: Took 300 addresses from '{Snapshot}', since the database had none"]));
        book.Check();
    }

    [TestCase("damaged", "cut short")]
    [TestCase("foreign", "it is no peers.dat")]
    [TestCase("newer", "it has format 2")]
    [TestCase("of regtest", "it has addresses of the network Regtest, not of Main")]
    [TestCase("of another node", "another node wrote it")]
    public void Where_the_database_has_anything_a_peers_dat_that_is_not_ours_is_set_aside_with_a_word(string what, string why)
    {
        Fill();
        using LmdbStore store = Save(P2PNetwork.Main, "prefix");
        var image = new PeersImage { Key = _before.Options.Key, Grouping = "prefix", Entries = _before.Manager.Snapshot() };
        byte[] bytes = PeersFile.Write(image, P2PNetwork.Main);
        switch (what)
        {
            case "damaged":
                bytes = bytes[..100];
                break;
            case "foreign":
                bytes = System.Text.Encoding.ASCII.GetBytes("Not one of these.");
                break;
            case "newer":
                (bytes[4], bytes[5]) = (2, 34);
                break;
            case "of regtest":
                bytes = PeersFile.Write(image, P2PNetwork.Regtest);
                break;
            default:
                bytes = PeersFile.Write(image with { Key = new byte[AddrManParameters.KeySize] }, P2PNetwork.Main);
                break;
        }

        File.WriteAllBytes(Snapshot, bytes);

        Assert.That(Load(store, P2PNetwork.Main).Count, Is.EqualTo(300));

        Assert.That(
            _logger.Lines.Single(),
            Does.StartWith($"Warning: '{Snapshot}' is not used: ").And.Contains(why).And.EndsWith($"set aside as '{Snapshot}.bak'"));
        Assert.That(File.ReadAllBytes(Snapshot + ".bak"), Is.EqualTo(bytes));
        Assert.That(Snapshot, Does.Not.Exist);
    }

    [Test]
    public void Where_the_database_has_anything_our_own_peers_dat_stays_even_of_another_grouping()
    {
        Fill();
        using LmdbStore store = Save(P2PNetwork.Main, "prefix");
        WriteSnapshot("private");

        Load(store, P2PNetwork.Main);

        Assert.That(_logger.Lines, Is.Empty);
        Assert.That(Snapshot, Does.Exist);
    }

    [Test]
    public void What_a_crash_left_of_a_peers_dat_is_deleted()
    {
        string leftover = Snapshot + ".abc.new";
        File.WriteAllText(leftover, "half");
        using LmdbStore store = Open(P2PNetwork.Main);

        Load(store, P2PNetwork.Main);

        Assert.That(leftover, Does.Not.Exist);
    }

    [TestCase("asmap")]
    [TestCase(null)]
    public void Under_another_grouping_everyone_gets_a_new_place_and_is_stored_with_it(string? grouping)
    {
        Fill();
        using LmdbStore store = Save(P2PNetwork.Main, grouping ?? "private");

        AddressManager book = Load(store, P2PNetwork.Main);
        book.Check();
        AddressChanges changes = book.TakeChanges();
        Assert.That(changes.Upserted, Is.Not.Empty, "Some were in several buckets.");
        store.SaveAddresses(changes, "prefix");

        StoredBook again = store.LoadAddresses();
        Assert.That(again.Grouping, Is.EqualTo("prefix"));
        Assert.That(again.Entries, Is.EquivalentTo(book.Snapshot()));
        Assert.That(again.Entries.All(entry => entry.NewBuckets.Count <= 1), Is.True);
    }

    [Test]
    public void The_sample_is_not_used_on_main_but_kept_with_a_word_and_is_used_on_regtest()
    {
        PeersImage sample = AddressBookSample.Make();
        PeersFileStore.Save(Snapshot, sample, P2PNetwork.Main);
        using (LmdbStore store = Open(P2PNetwork.Main))
            Assert.That(Load(store, P2PNetwork.Main).Count, Is.Zero);
        Assert.That(
            _logger.Lines,
            Has.Some.StartsWith(
                $"Warning: {sample.Entries.Count} addresses of '{Snapshot}' are not routable on Main and are not used; "
                + $"the file is kept as '{Snapshot}.bak'"));
        Assert.That(File.ReadAllBytes(Snapshot + ".bak"), Is.EqualTo(File.ReadAllBytes(Snapshot)));

        PeersFileStore.Save(Snapshot, sample, P2PNetwork.Regtest);
        File.Delete(_directory.File("data.mdb"));
        using (LmdbStore store = Open(P2PNetwork.Regtest))
            Assert.That(Load(store, P2PNetwork.Regtest).Count, Is.EqualTo(sample.Entries.Count));
    }

    [Test]
    public void Private_addresses_outlast_a_start_without_privatenet()
    {
        Fill();
        using LmdbStore store = Save(P2PNetwork.Main, "prefix");
        AddressEntry hidden = _before.Entry("20.0.1.1") with
        {
            Address = new TimedAddress(Book.Endpoint("10.0.0.1"), Services.Logos, (uint)_before.Now),
        };
        store.SaveAddresses(new AddressChanges([hidden], [], false), "prefix");

        AddressManager book = Load(store, P2PNetwork.Main);
        Assert.That(book.Count, Is.EqualTo(300));
        Assert.That(
            _logger.Lines.Single(),
            Does.StartWith($"Warning: 1 addresses of '{store.Path}' are not routable on Main").And.Contains("-privatenet"));
        store.SaveAddresses(book.TakeChanges(), "prefix");

        Assert.That(Load(store, P2PNetwork.Main, privateNet: true).Contains(hidden.Endpoint), Is.True);
    }

    [Test]
    public void What_has_no_place_any_more_is_told_and_removed()
    {
        // One neighbourhood has eight of the tried buckets.
        AddressEntry[] crowd =
        [
            .. Enumerable.Range(0, 600).Select(i => new AddressEntry
            {
                Address = _before.Address($"20.0.{i / 200}.{1 + (i % 200)}"),
                Source = Book.Source,
                LastSuccess = _before.Now,
                InTried = true,
            }),
        ];
        using LmdbStore store = Open(P2PNetwork.Main);
        store.SaveAddresses(new AddressChanges(crowd, [], false), "prefix");

        AddressManager book = Load(store, P2PNetwork.Main);

        int dropped = 600 - book.Count;
        Assert.That(dropped, Is.GreaterThan(80));
        Assert.That(
            _logger.Lines.Single(),
            Is.EqualTo(
                $"Warning: {dropped} addresses of '{store.Path}' contradict themselves, or have no place any more, and were dropped"));
        Assert.That(book.TakeChanges().Removed, Has.Count.EqualTo(dropped));
    }

    private void Fill()
    {
        for (int i = 0; _before.Manager.Count < 300; i++)
        {
            string host = $"{20 + (i % 100)}.{i / 100}.1.1";
            for (int told = 0; told < 5; told++)
                _before.Add(host, $"{20 + ((i + told) % 40)}.{i % 200}.1.1", age: 5000 - (1000 * told));
            if (i % 10 == 0)
                _before.Manager.Good(Book.Endpoint(host), _before.Now);
        }

        Assert.That(_before.Manager.Snapshot().Any(entry => entry.NewBuckets.Count > 1), Is.True);
    }

    private AddressManager Load(LmdbStore store, P2PNetwork network, bool privateNet = false) =>
        new StoredAddresses(store, Snapshot, new NetworkPolicy(network, privateNet), _logger)
            .Load(new Random(1), _before.Clock);

    private LmdbStore Open(P2PNetwork network) =>
        LmdbStore.Open(_directory.Path, network, () => _before.Options.Key.ToArray());

    private LmdbStore Save(P2PNetwork network, string grouping)
    {
        LmdbStore store = Open(network);
        store.SaveAddresses(_before.Manager.TakeChanges(), grouping);
        return store;
    }

    private void WriteSnapshot(string grouping) => PeersFileStore.Save(
        Snapshot,
        new PeersImage { Key = _before.Options.Key, Grouping = grouping, Entries = _before.Manager.Snapshot() },
        P2PNetwork.Main);
}
