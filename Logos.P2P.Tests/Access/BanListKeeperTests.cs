using Logos.P2P.Access;
using Logos.P2P.AddrMan;
using Logos.P2P.Storage;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Access;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class BanListKeeperTests
{
    private readonly ManualTimeProvider _clock = new(new DateTimeOffset(2026, 8, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly LogRecorder _log = new();
    private readonly FakeStore _store = new();
    private readonly BanList _bans;
    private readonly BanListKeeper _keeper;

    public BanListKeeperTests()
    {
        _bans = new BanList(_clock);
        _keeper = new BanListKeeper(_bans, _store, new NodeClock(_clock), new NodeTasks(), _log);
    }

    [Test]
    public async Task A_ban_is_written_with_the_next_beat_and_nothing_without_a_change()
    {
        await BeatAsync(TimeSpan.FromSeconds(10));
        Assert.That(_store.Writes, Is.Zero);

        Ban("192.0.2.7");
        await BeatAsync(NodeDefaults.Heartbeat);
        Assert.That(_store.Bans, Is.EqualTo(_bans.Snapshot()));

        await BeatAsync(TimeSpan.FromSeconds(10));
        Assert.That(_store.Writes, Is.EqualTo(1));
    }

    [Test]
    public async Task Many_bans_are_written_together()
    {
        await BeatAsync(TimeSpan.FromSeconds(10));
        for (int i = 0; i < 100; i++)
        {
            Ban($"192.0.2.{i}");
            await BeatAsync(NodeDefaults.Heartbeat);
        }

        await BeatAsync(NodeDefaults.BanFlushInterval);
        Assert.That(_store.Writes, Is.InRange(2, 12), "Ten seconds.");
        Assert.That(_store.Bans, Has.Count.EqualTo(100));
    }

    [Test]
    public async Task The_end_of_a_ban_is_written_too()
    {
        Ban("192.0.2.7", TimeSpan.FromSeconds(5));
        await BeatAsync(TimeSpan.FromSeconds(2));
        Assert.That(_store.Bans, Has.Count.EqualTo(1));

        await BeatAsync(TimeSpan.FromSeconds(4));
        Assert.That(_store.Bans, Is.Empty);
    }

    [Test]
    public async Task What_could_not_be_written_is_tried_again_and_told()
    {
        _store.IsBroken = true;
        Ban("192.0.2.7");
        await BeatAsync(TimeSpan.FromSeconds(5));
        Assert.That(_store.Writes, Is.InRange(4, 6));
        Assert.That(_log.Lines, Has.Some.Contains("bans").And.Some.Contains("trying again"));

        _store.IsBroken = false;
        await BeatAsync(TimeSpan.FromSeconds(2));
        Assert.That(_store.Bans, Has.Count.EqualTo(1));
    }

    [Test]
    public void The_last_change_before_a_stop_is_written()
    {
        Ban("192.0.2.7");
        _keeper.Flush();
        Assert.That(_store.Bans, Has.Count.EqualTo(1));
        _keeper.Flush();
        Assert.That(_store.Writes, Is.EqualTo(1));
    }

    [Test]
    public async Task Writing_holds_up_no_thread_of_the_pool()
    {
        Ban("192.0.2.7");
        await BeatAsync(TimeSpan.FromSeconds(2));

        Assert.That(_store.Writes, Is.EqualTo(1));
        Assert.That(_store.WasWrittenOnPool, Is.False);
    }

    [Test]
    public void Damaged_bans_are_counted_in_the_log_and_the_others_are_in_force()
    {
        _store.Bans = [new Ban(Subnet.Parse("192.0.2.7"), _clock.Now, _clock.Now.AddDays(1))];
        _store.Unreadable = 3;

        Assert.That(_keeper.Load(), Is.True);

        Assert.That(_bans.Snapshot(), Is.EqualTo(_store.Bans));
        Assert.That(_log.Lines.Single(), Does.StartWith("3 bans of 'here' are damaged"));
    }

    [Test]
    public void A_store_without_bans_is_told_from_one_with_some()
    {
        Assert.That(_keeper.Load(), Is.False);
        Assert.That(_log.Lines, Is.Empty);
    }

    [Test]
    public void All_bans_are_written_when_that_is_asked_for_changed_or_not()
    {
        Ban("192.0.2.7");
        _keeper.Flush();
        _store.Bans = [];
        Assert.That(_keeper.WriteAll(), Is.True);
        Assert.That(_store.Bans, Is.EqualTo(_bans.Snapshot()));

        Ban("192.0.2.8");
        Assert.That(_keeper.WriteAll(), Is.True);
        Assert.That(_store.Bans, Has.Count.EqualTo(2));
        Assert.That(_bans.HasChanges, Is.False);

        _store.IsBroken = true;
        Assert.That(_keeper.WriteAll(), Is.False);
        Assert.That(_bans.HasChanges, Is.True);
    }

    private void Ban(string hosts, TimeSpan? duration = null) =>
        _bans.Add(Subnet.Parse(hosts), duration ?? TimeSpan.FromDays(1));

    private async Task BeatAsync(TimeSpan by)
    {
        for (TimeSpan passed = TimeSpan.Zero; passed < by; passed += NodeDefaults.Heartbeat)
        {
            _clock.Advance(NodeDefaults.Heartbeat);
            _keeper.Tick();
            await _keeper.Writing;
        }
    }

    private sealed class FakeStore : IOverlayStore
    {
        public IReadOnlyCollection<Ban> Bans { get; set; } = [];

        public int Unreadable { get; set; }

        public bool IsBroken { get; set; }

        public int Writes { get; private set; }

        public bool WasWrittenOnPool { get; private set; }

        public byte[] Key => [];

        public bool RewritesAddresses => false;

        public string Path => "here";

        public IReadOnlyList<Ban> LoadBans(out int unreadable)
        {
            unreadable = Unreadable;
            return [.. Bans];
        }

        public void SaveBans(IReadOnlyCollection<Ban> bans)
        {
            Writes++;
            WasWrittenOnPool |= Thread.CurrentThread.IsThreadPoolThread;
            Bans = IsBroken ? throw new StoreException("The disk is full.") : bans;
        }

        public StoredBook LoadAddresses() => throw new NotSupportedException();

        public void SaveAddresses(AddressChanges changes, string grouping) => throw new NotSupportedException();

        public void ReplaceAddresses(IReadOnlyCollection<AddressEntry> entries, string grouping) =>
            throw new NotSupportedException();

        public IReadOnlyList<Anchor> TakeAnchors(out bool areDamaged) => throw new NotSupportedException();

        public void SaveAnchors(IReadOnlyList<Anchor> anchors) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
