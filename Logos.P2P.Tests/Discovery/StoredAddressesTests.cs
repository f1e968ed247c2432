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

    [Test]
    public void Where_the_database_has_anything_peers_dat_is_not_looked_at()
    {
        Fill();
        File.WriteAllText(Snapshot, "damaged");
        using LmdbStore store = Save(P2PNetwork.Main, "prefix");

        Assert.That(Load(store, P2PNetwork.Main).Count, Is.EqualTo(300));
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
    public void The_sample_is_dropped_on_main_with_a_word_and_stays_on_regtest()
    {
        PeersImage sample = PeersSample.Make();
        PeersFileStore.Save(Snapshot, sample, P2PNetwork.Main);
        using (LmdbStore store = Open(P2PNetwork.Main))
            Assert.That(Load(store, P2PNetwork.Main).Count, Is.Zero);
        Assert.That(
            _logger.Lines,
            Does.Contain($"Warning: {sample.Entries.Count} addresses of '{Snapshot}' are not routable on Main and were dropped"));

        PeersFileStore.Save(Snapshot, sample, P2PNetwork.Regtest);
        File.Delete(_directory.File("data.mdb"));
        using (LmdbStore store = Open(P2PNetwork.Regtest))
            Assert.That(Load(store, P2PNetwork.Regtest).Count, Is.EqualTo(sample.Entries.Count));
    }

    [Test]
    public void What_is_left_out_of_the_database_is_told()
    {
        Fill();
        using LmdbStore store = Save(P2PNetwork.Main, "prefix");
        AddressEntry private1 = _before.Entry("20.0.1.1") with
        {
            Address = new TimedAddress(Book.Endpoint("10.0.0.1"), Services.Logos, 1),
        };
        store.SaveAddresses(new AddressChanges([private1], [], false), "prefix");

        AddressManager book = Load(store, P2PNetwork.Main);

        Assert.That(book.Count, Is.EqualTo(300));
        Assert.That(
            _logger.Lines.Single(),
            Is.EqualTo($"Warning: 1 addresses of '{store.Path}' are not usable in this network, or have no place any more, and were dropped"));
        Assert.That(book.TakeChanges().Removed, Is.EqualTo((NetEndpoint[])[private1.Endpoint]));
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

    private AddressManager Load(LmdbStore store, P2PNetwork network) =>
        new StoredAddresses(store, Snapshot, new NetworkPolicy(network, privateNet: false), _logger)
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
