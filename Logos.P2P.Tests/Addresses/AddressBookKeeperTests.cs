using Logos.P2P.Addresses;
using Logos.P2P.AddrMan;
using Logos.P2P.Storage;
using Logos.P2P.Tests.AddrMan;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;

namespace Logos.P2P.Tests.Addresses;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class AddressBookKeeperTests
{
    private static readonly TimeSpan Beat = NodeDefaults.Heartbeat;

    private readonly Book _book = new();
    private readonly FakeStore _store = new();
    private AddressBookKeeper _keeper;

    public AddressBookKeeperTests() => _keeper = NewKeeper();

    [Test]
    public async Task Hearsay_is_written_within_seconds_and_not_at_once()
    {
        _book.Add("20.1.1.1");
        await AdvanceAsync(NodeDefaults.AddressFlushInterval - Beat);
        Assert.That(_store.Commits, Is.Zero);

        await AdvanceAsync(Beat);
        Assert.That(_store.Commits, Is.EqualTo(1));
        Assert.That(_store.Entries, Is.EquivalentTo(_book.Manager.Snapshot()));
    }

    [Test]
    public async Task What_worked_is_written_within_a_second()
    {
        _book.Add("20.1.1.1");
        _book.Manager.Good(Book.Endpoint("20.1.1.1"), _book.Now);

        await AdvanceAsync(NodeDefaults.TriedFlushInterval);

        Assert.That(_store.Commits, Is.EqualTo(1));
        Assert.That(_store.Entries.Single().InTried, Is.True);
    }

    [Test]
    public async Task Where_each_write_is_of_the_whole_book_what_worked_is_written_within_a_minute_and_hearsay_with_the_snapshot()
    {
        _store.RewritesAddresses = true;
        _keeper = NewKeeper();
        _book.Add("20.1.1.1");
        await AdvanceAsync(TimeSpan.FromMinutes(10));
        Assert.That(_store.Commits, Is.Zero);

        await AdvanceAsync(PeersSnapshot.Interval - TimeSpan.FromMinutes(10));
        Assert.That(_store.Commits, Is.EqualTo(1));

        _book.Manager.Good(Book.Endpoint("20.1.1.1"), _book.Now);
        await AdvanceAsync(NodeDefaults.TriedRewriteInterval - Beat);
        Assert.That(_store.Commits, Is.EqualTo(1));
        await AdvanceAsync(Beat);
        Assert.That(_store.Commits, Is.EqualTo(2));

        _book.Add("30.1.1.1");
        _book.Manager.Good(Book.Endpoint("30.1.1.1"), _book.Now);
        _store.IsBroken = true;
        await AdvanceAsync(NodeDefaults.TriedRewriteInterval);
        _store.IsBroken = false;
        await AdvanceAsync(NodeDefaults.TriedRewriteInterval);
        Assert.That(_store.Commits, Is.EqualTo(3), "A failure is made good as soon.");
    }

    [Test]
    public void After_the_store_was_read_again_everything_is_written()
    {
        _book.Add("20.1.1.1");
        _keeper.Flush();
        Assert.That((_store.Commits, _store.Replacements), Is.EqualTo((1, 0)));

        _keeper.Merge();
        _keeper.Flush();

        Assert.That(_store.Replacements, Is.EqualTo(1), "Somebody may have put something else there.");
        Assert.That(_store.Entries, Is.EquivalentTo(_book.Manager.Snapshot()));
    }

    [Test]
    public async Task Nothing_is_written_when_nothing_has_changed()
    {
        await AdvanceAsync(TimeSpan.FromMinutes(10));

        Assert.That(_store.Commits, Is.Zero);
    }

    [Test]
    public async Task There_is_at_most_one_commit_in_an_interval_however_much_changes()
    {
        for (int i = 0; i < 100; i++)
        {
            _book.Add($"20.{i}.1.1");
            _book.Manager.Good(Book.Endpoint($"20.{i}.1.1"), _book.Now);
            await AdvanceAsync(Beat);
        }

        Assert.That(_store.Commits, Is.EqualTo(10).Within(1), "Ten seconds.");
    }

    [Test]
    public async Task After_a_failure_everything_is_written_and_nothing_is_lost()
    {
        _book.Add("20.1.1.1");
        _store.IsBroken = true;
        await AdvanceAsync(NodeDefaults.AddressFlushInterval);
        Assert.That(_store.Attempts, Is.EqualTo(1));
        _book.Add("30.1.1.1");
        await AdvanceAsync(NodeDefaults.AddressFlushInterval);
        Assert.That(_store.Attempts, Is.EqualTo(2));

        _store.IsBroken = false;
        await AdvanceAsync(NodeDefaults.AddressFlushInterval);

        Assert.That(_store.Replacements, Is.EqualTo(1));
        Assert.That(_store.Entries, Is.EquivalentTo(_book.Manager.Snapshot()));

        _book.Add("40.1.1.1");
        await AdvanceAsync(NodeDefaults.AddressFlushInterval);
        Assert.That(_store.Replacements, Is.EqualTo(1), "Once it works again, changes are enough.");
        Assert.That(_store.Entries, Is.EquivalentTo(_book.Manager.Snapshot()));
    }

    [Test]
    public void After_a_failure_the_store_still_has_what_only_other_options_can_use()
    {
        _book.Add("20.1.1.1");
        AddressEntry hidden = _book.Entry("20.1.1.1") with
        {
            Address = new TimedAddress(Book.Endpoint("10.0.0.1"), Services.Logos, 1),
        };
        _store.SaveAddresses(new AddressChanges([hidden], [], false), "private");
        _store.IsBroken = true;
        _keeper.Flush();
        _store.IsBroken = false;

        _keeper.Flush();

        Assert.That(_store.Replacements, Is.EqualTo(1));
        Assert.That(_store.Entries, Is.EquivalentTo((AddressEntry[])[.. _book.Manager.Snapshot(), hidden]));
    }

    [Test]
    public void A_flush_has_written_on_return_and_does_not_throw_when_it_cannot()
    {
        _book.Add("20.1.1.1");
        _store.IsBroken = true;
        Assert.That(_keeper.Flush, Throws.Nothing);
        _store.IsBroken = false;

        _keeper.Flush();

        Assert.That(_store.Entries, Is.EquivalentTo(_book.Manager.Snapshot()));
    }

    [Test]
    public async Task A_slow_disk_holds_up_no_beat_and_is_not_given_two_writes_at_once()
    {
        _store.Gate.Reset();
        for (int i = 0; i < 20; i++)
        {
            _book.Add($"20.{i}.1.1");
            _book.Clock.Advance(NodeDefaults.AddressFlushInterval);
            _keeper.Tick();
        }

        _store.Gate.Set();
        await Eventually.IsAsync(() => _store.Commits == 1);
        _keeper.Flush();

        Assert.That(_store.WasUsedConcurrently, Is.False);
        Assert.That(_store.Entries, Is.EquivalentTo(_book.Manager.Snapshot()));
    }

    private AddressBookKeeper NewKeeper() => new(
        _book.Manager, _store, new NetworkPolicy(P2PNetwork.Main, false), new NodeClock(_book.Clock), new NodeTasks(),
        NullLogger.Instance);

    /// <summary>Moves the clock in beats, and waits for what each of them has begun to write.</summary>
    private async Task AdvanceAsync(TimeSpan by)
    {
        for (TimeSpan passed = TimeSpan.Zero; passed < by; passed += Beat)
        {
            _book.Clock.Advance(Beat);
            _keeper.Tick();
            await _keeper.Writing;
        }
    }

    private sealed class FakeStore : IOverlayStore
    {
        private readonly Dictionary<NetEndpoint, AddressEntry> _entries = [];
        private int _inside;

        public ManualResetEventSlim Gate { get; } = new(true);

        public bool IsBroken { get; set; }

        public int Attempts { get; private set; }

        public int Commits { get; private set; }

        public int Replacements { get; private set; }

        public bool WasUsedConcurrently { get; private set; }

        public IReadOnlyCollection<AddressEntry> Entries => _entries.Values;

        public byte[] Key => [];

        public bool RewritesAddresses { get; set; }

        public string Path => "";

        public StoredBook LoadAddresses() => new([.. _entries.Values], null, 0);

        public IReadOnlyList<Anchor> TakeAnchors(out bool areDamaged) => throw new NotSupportedException();

        public void SaveAnchors(IReadOnlyList<Anchor> anchors) => throw new NotSupportedException();

        public IReadOnlyList<Ban> LoadBans(out int unreadable) => throw new NotSupportedException();

        public void SaveBans(IReadOnlyCollection<Ban> bans) => throw new NotSupportedException();

        public void SaveAddresses(AddressChanges changes, string grouping) => Write(() =>
        {
            foreach (NetEndpoint endpoint in changes.Removed)
                _entries.Remove(endpoint);
            foreach (AddressEntry entry in changes.Upserted)
                _entries[entry.Endpoint] = entry;
        });

        public void ReplaceAddresses(IReadOnlyCollection<AddressEntry> entries, string grouping) => Write(() =>
        {
            Replacements++;
            _entries.Clear();
            foreach (AddressEntry entry in entries)
                _entries.Add(entry.Endpoint, entry);
        });

        public void Dispose() => Gate.Dispose();

        private void Write(Action write)
        {
            if (Interlocked.Increment(ref _inside) != 1)
                WasUsedConcurrently = true;
            Gate.Wait();
            Attempts++;
            Interlocked.Decrement(ref _inside);
            if (IsBroken)
                throw new StoreException("The disk is full.");
            write();
            Commits++;
        }
    }
}
