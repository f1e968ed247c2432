using Logos.P2P.Access;
using Logos.P2P.Tests.AddrMan;
using Logos.P2P.Tests.Conformance;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Access;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class BanListTests
{
    private const string Onion = "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion";

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly ManualTimeProvider _clock = new(new DateTimeOffset(2026, 8, 1, 12, 0, 0, 900, TimeSpan.Zero));
    private readonly BanList _bans;

    public BanListTests() => _bans = new BanList(_clock);

    private static DateTimeOffset Start { get; } = new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);

    [TestCase("192.0.2.7", "192.0.2.7", true)]
    [TestCase("192.0.2.7", "192.0.2.8", false)]
    [TestCase("192.0.2.0/24", "192.0.2.8", true)]
    [TestCase("2001:db8::/32", "2001:db8:1::1", true)]
    [TestCase("::/0", "2001:db8:1::1", true)]
    [TestCase("::/0", "192.0.2.7", false)]
    [TestCase(Onion, Onion, true)]
    [Conformance("E4")]
    public void E4_a_host_a_subnet_or_an_onion_name_can_be_banned(string banned, string host, bool contains)
    {
        Assert.That(Add(banned), Is.EqualTo(BanResult.Added));
        Assert.That(_bans.Contains(Book.Host(host)), Is.EqualTo(contains));
    }

    [TestCase("192.0.2.0/24", "192.0.2.7", BanResult.AlreadyBanned)]
    [TestCase("192.0.2.0/24", "192.0.2.7/32", BanResult.AlreadyBanned)]
    [TestCase("192.0.2.0/24", "192.0.2.9/24", BanResult.AlreadyBanned)]
    [TestCase("192.0.2.7", "192.0.2.7", BanResult.AlreadyBanned)]
    [TestCase(Onion, Onion, BanResult.AlreadyBanned)]
    [TestCase("192.0.2.0/24", "192.0.3.7", BanResult.Added)]
    [TestCase("192.0.2.0/24", "192.0.2.0/25", BanResult.Added, Description = "As in Bitcoin Core: it may last longer.")]
    [TestCase("192.0.2.7", "192.0.2.0/24", BanResult.Added)]
    [Conformance("E4")]
    public void E4_a_host_that_a_banned_subnet_covers_is_banned_already(string first, string second, BanResult result)
    {
        Assert.That(Add(first), Is.EqualTo(BanResult.Added));
        Assert.That(Add(second), Is.EqualTo(result));
        Assert.That(_bans.Snapshot(), Has.Count.EqualTo(result == BanResult.Added ? 2 : 1));
    }

    [Test]
    [Conformance("E4")]
    public void E4_duration_and_remaining_time_are_exact()
    {
        Add("192.0.2.7", TimeSpan.FromSeconds(5));
        Ban ban = _bans.Snapshot().Single();
        Assert.That((ban.CreatedAt, ban.Until), Is.EqualTo((Start, Start.AddSeconds(5))));
        Assert.That(ban.Duration, Is.EqualTo(TimeSpan.FromSeconds(5)));

        _clock.Now = Start.AddSeconds(3);
        Assert.That(ban.RemainingAt(_clock.Now), Is.EqualTo(TimeSpan.FromSeconds(2)));
        _clock.Now = Start.AddSeconds(5).AddTicks(-1);
        Assert.That(_bans.Contains(Book.Host("192.0.2.7")), Is.True);
        _clock.Now = Start.AddSeconds(5);
        Assert.That(_bans.Contains(Book.Host("192.0.2.7")), Is.False);
        Assert.That(ban.RemainingAt(_clock.Now), Is.EqualTo(TimeSpan.Zero));
        Assert.That(_bans.Snapshot(), Is.Empty);
    }

    [Test]
    public void A_second_that_ends_while_a_ban_is_made_is_not_missing_from_it()
    {
        var bans = new BanList(new RestlessClock());
        bans.Add(Subnet.Parse("192.0.2.7"), TimeSpan.FromSeconds(1000));

        Assert.That(bans.Snapshot().Single().Duration, Is.EqualTo(TimeSpan.FromSeconds(1000)));
    }

    [Test]
    [Conformance("E4")]
    public void E4_a_time_that_is_past_is_an_error()
    {
        foreach (DateTimeOffset until in new[] { Start, Start.AddSeconds(-1), DateTimeOffset.UnixEpoch, DateTimeOffset.MinValue })
            Assert.That(() => _bans.Add(Subnet.Parse("192.0.2.7"), until), Throws.InstanceOf<ArgumentOutOfRangeException>());
        foreach (TimeSpan duration in new[] { TimeSpan.Zero, TimeSpan.FromSeconds(0.9), TimeSpan.MinValue })
        {
            Assert.That(
                () => Add("192.0.2.7", duration),
                Throws.InstanceOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("duration"));
        }

        Assert.That(_bans.Snapshot(), Is.Empty);
        Assert.That(_bans.Add(Subnet.Parse("192.0.2.7"), Start.AddSeconds(1.5)), Is.EqualTo(BanResult.Added));
        Assert.That(_bans.Snapshot().Single().Until, Is.EqualTo(Start.AddSeconds(1)));
    }

    [Test]
    public void Nobody_cannot_be_banned() =>
        Assert.That(() => _bans.Add(default, Day), Throws.ArgumentException.With.Message.Contains("name"));

    [Test]
    [Conformance("E4")]
    public void E4_unbanning_what_is_not_banned_is_told()
    {
        Add("192.0.2.0/24");

        Assert.That(_bans.Remove(Subnet.Parse("192.0.2.7")), Is.False);
        Assert.That(_bans.Remove(Subnet.Parse("192.0.2.0/25")), Is.False);
        Assert.That(_bans.Contains(Book.Host("192.0.2.7")), Is.True);
        Assert.That(_bans.Remove(Subnet.Parse("192.0.2.7/24")), Is.True);
        Assert.That(_bans.Contains(Book.Host("192.0.2.7")), Is.False);
        Assert.That(_bans.Remove(Subnet.Parse("192.0.2.0/24")), Is.False);
    }

    [Test]
    public void Extreme_durations_end_with_time_itself()
    {
        Add("192.0.2.7", TimeSpan.MaxValue);
        Assert.That(_bans.Snapshot().Single().Until.Year, Is.EqualTo(9999));

        _clock.Now = DateTimeOffset.MaxValue;
        Assert.That(_bans.Snapshot(), Is.Empty);
        Assert.That(() => Add("192.0.2.7"), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Each_ban_ends_by_itself_and_what_ends_first_is_listed_first()
    {
        Add("192.0.2.3", TimeSpan.FromSeconds(30));
        Add("192.0.2.0/28", TimeSpan.FromSeconds(10));
        Add("192.0.2.77", TimeSpan.FromSeconds(20));
        Assert.That(
            _bans.Snapshot().Select(ban => ban.Hosts.ToString()),
            Is.EqualTo(new[] { "192.0.2.0/28", "192.0.2.77/32", "192.0.2.3/32" }));

        _clock.Now = Start.AddSeconds(10);
        Assert.That(_bans.Contains(Book.Host("192.0.2.5")), Is.False);
        Assert.That(_bans.Contains(Book.Host("192.0.2.3")), Is.True);
        Assert.That(_bans.Contains(Book.Host("192.0.2.77")), Is.True);
        Assert.That(Add("192.0.2.5"), Is.EqualTo(BanResult.Added));

        _clock.Now = Start.AddSeconds(20);
        Assert.That(_bans.Contains(Book.Host("192.0.2.77")), Is.False);
        Assert.That(_bans.Contains(Book.Host("192.0.2.3")), Is.True);
        _clock.Now = Start.AddSeconds(30);
        Assert.That(_bans.Contains(Book.Host("192.0.2.3")), Is.False);
    }

    [Test]
    public void A_ban_that_is_over_cannot_be_lifted_and_is_not_counted()
    {
        Add("192.0.2.7", TimeSpan.FromSeconds(10));
        Add("192.0.2.8", TimeSpan.FromSeconds(10));
        Add("192.0.2.9", TimeSpan.FromSeconds(30));
        _clock.Now = Start.AddSeconds(10);

        Assert.That(_bans.Remove(Subnet.Parse("192.0.2.7")), Is.False);
        _clock.Now = Start.AddSeconds(30);
        Assert.That(_bans.Clear(), Is.Zero);
    }

    [Test]
    public void There_are_never_more_than_the_bound()
    {
        for (int i = 0; i < NodeDefaults.MaxBans; i++)
            Assert.That(Add($"20.1.{i / 200}.{i % 200}", TimeSpan.FromSeconds(1 + i)), Is.EqualTo(BanResult.Added));

        Assert.That(Add("30.1.1.1"), Is.EqualTo(BanResult.ListFull));
        _clock.Now = Start.AddSeconds(1);
        Assert.That(Add("30.1.1.1"), Is.EqualTo(BanResult.Added), "One was over.");
        Assert.That(Add("30.1.1.2"), Is.EqualTo(BanResult.ListFull));

        var restored = new BanList(_clock);
        restored.Restore([.. _bans.Snapshot(), new Ban(Subnet.Parse("30.1.1.3"), Start, Start + Day)]);
        Assert.That(restored.Snapshot(), Has.Count.EqualTo(NodeDefaults.MaxBans));
    }

    [Test]
    public void Restoring_takes_over_all_that_is_not_over_with_its_times()
    {
        Ban[] bans =
        [
            new(Subnet.Parse("192.0.2.7"), Start - Day, Start),
            new(Subnet.Parse("192.0.2.8"), Start - Day, Start.AddSeconds(1)),
            new(Subnet.Parse(Onion), Start - Day, Start + Day),
        ];

        _bans.Restore(bans);

        Assert.That(_bans.HasChanges, Is.True, "One was over.");
        Assert.That(_bans.Snapshot(), Is.EqualTo(bans[1..]));
        Assert.That(_bans.Contains(Book.Host("192.0.2.8")), Is.True);
        Assert.That(_bans.Contains(Book.Host("192.0.2.7")), Is.False);
    }

    [Test]
    public void What_is_stored_comes_besides_what_there_is_up_to_the_bound_and_is_to_be_stored_with_it()
    {
        Ban stored = new(Subnet.Parse("192.0.2.8"), Start - Day, Start + Day), more = stored with { Hosts = Subnet.Parse("192.0.2.9") };
        var empty = new BanList(_clock);
        empty.Restore([stored]);
        Assert.That(empty.HasChanges, Is.False, "It is stored.");
        for (int i = 1; i < NodeDefaults.MaxBans; i++)
            Add($"20.1.{i / 200}.{i % 200}");
        Assert.That(_bans.TakeChanges(), Is.Not.Null);

        _bans.Restore([stored, more, stored with { Until = Start + (2 * Day) }]);

        Assert.That(_bans.Snapshot(), Has.Count.EqualTo(NodeDefaults.MaxBans));
        Assert.That(_bans.Snapshot().Single(ban => ban.Hosts == stored.Hosts).Until, Is.EqualTo(Start + (2 * Day)));
        Assert.That(_bans.Contains(Book.Host("192.0.2.9")), Is.False);
        Assert.That(_bans.HasChanges, Is.True);
    }

    [Test]
    public void Changes_are_taken_once_and_an_end_is_a_change()
    {
        Assert.That(_bans.TakeChanges(), Is.Null);
        Add("192.0.2.7", TimeSpan.FromSeconds(10));
        Add("192.0.2.7");
        Assert.That(_bans.TakeChanges(), Has.Count.EqualTo(1));
        Assert.That(_bans.TakeChanges(), Is.Null);
        _bans.ReturnChanges();
        Assert.That(_bans.TakeChanges(), Has.Count.EqualTo(1));

        _clock.Now = Start.AddSeconds(10);
        _bans.Sweep();
        Assert.That(_bans.TakeChanges(), Is.Empty);

        Assert.That(_bans.Clear(), Is.Zero);
        Assert.That(_bans.TakeChanges(), Is.Null);
        Add("192.0.2.7");
        Add("192.0.2.8");
        Assert.That(_bans.TakeChanges(), Has.Count.EqualTo(2));
        Assert.That(_bans.Clear(), Is.EqualTo(2));
        Assert.That(_bans.TakeChanges(), Is.Empty);

        Add("192.0.2.7");
        _bans.TakeChanges();
        Assert.That(_bans.Remove(Subnet.Parse("192.0.2.7")), Is.True);
        Assert.That(_bans.TakeChanges(), Is.Empty);
    }

    /// <summary>The rule in one line, slowly, as the judge of the quick one.</summary>
    [Test]
    public void Whatever_is_banned_and_unbanned_a_host_is_banned_when_some_ban_contains_it()
    {
        var random = new Random(20261120);
        for (int step = 0; step < 3000; step++)
        {
            Subnet hosts = Subnet.Parse($"20.1.{random.Next(4)}.{random.Next(256)}/{random.Next(16, 33)}");
            switch (random.Next(10))
            {
                case < 5:
                    _bans.Add(hosts, TimeSpan.FromSeconds(random.Next(1, 60)));
                    break;
                case < 8:
                    IReadOnlyList<Ban> all = _bans.Snapshot();
                    _bans.Remove(all.Count > 0 ? all[random.Next(all.Count)].Hosts : hosts);
                    break;
                default:
                    _clock.Now = _clock.Now.AddSeconds(random.Next(10));
                    break;
            }

            NetAddress host = Book.Host($"20.1.{random.Next(4)}.{random.Next(256)}");
            Assert.That(
                _bans.Contains(host), Is.EqualTo(_bans.Snapshot().Any(ban => ban.Hosts.Contains(host))), $"Step {step}.");
        }
    }

    private BanResult Add(string hosts, TimeSpan? duration = null) => _bans.Add(Subnet.Parse(hosts), duration ?? Day);

    /// <summary>A second later each time it is looked at.</summary>
    private sealed class RestlessClock : TimeProvider
    {
        private int _looks;

        public override DateTimeOffset GetUtcNow() => Start.AddSeconds(_looks++);
    }
}
