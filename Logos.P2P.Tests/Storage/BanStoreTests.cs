using Logos.P2P.Storage;
using Logos.P2P.Tests.Conformance;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Storage;

/// <summary>Bans on a real disk.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class BanStoreTests : IDisposable
{
    private const string Onion = "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion";
    private static readonly DateTimeOffset Now = new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Test]
    [Conformance("E4")]
    public void E4_the_list_survives_a_restart_and_saving_leaves_nothing_of_what_was_there()
    {
        Ban[] bans =
        [
            .. from text in new[] { "192.0.2.7", "192.0.2.0/24", "0.0.0.0/0", "::/0", "2001:db8::/33", "fc00::1", Onion }
               select new Ban(Subnet.Parse(text), Now, Now.AddSeconds(text.Length)),
            new Ban(Subnet.Parse("203.0.113.1"), DateTimeOffset.UnixEpoch, DateTimeOffset.FromUnixTimeSeconds(253402300799)),
        ];
        using (LmdbStore store = Open())
        {
            Assert.That(store.LoadBans(out int none), Is.Empty);
            Assert.That(none, Is.Zero);
            store.SaveBans([new Ban(Subnet.Parse("198.51.100.1"), Now, Now.AddDays(1))]);
            store.SaveBans(bans);
        }

        using (LmdbStore again = Open())
        {
            Assert.That(again.LoadBans(out int unreadable), Is.EquivalentTo(bans));
            Assert.That(unreadable, Is.Zero);
            again.SaveBans([]);
            Assert.That(again.LoadBans(out _), Is.Empty);
        }
    }

    [Test]
    [Conformance("E4")]
    public void E4_damaged_bans_are_skipped_and_counted_and_the_rest_stays()
    {
        var good = new Ban(Subnet.Parse("192.0.2.7"), Now, Now.AddDays(1));
        using (LmdbStore store = Open())
            store.SaveBans([good]);
        byte[] key = new byte[BanCodec.MaxKeySize];
        key = key[..BanCodec.WriteKey(good with { Hosts = Subnet.Parse("192.0.2.0/24") }, key)];
        byte[] value = new byte[BanCodec.ValueSize];
        BanCodec.WriteValue(good, value);
        (byte[] Key, byte[] Value)[] damages =
        [
            ([1], value),
            ([.. key, 0], value),
            ([9, .. key[1..]], value),
            ([key[0], 33, .. key[2..]], value),
            ([.. key[..^1], 1], value),
            (key, []),
            ([.. key[..^2], 3, 0], value[..^1]),
            ([.. key[..^2], 4, 0], [.. value, 0]),
            ([.. key[..^2], 5, 0], [.. value[8..], .. value[..8]]),
            ([.. key[..^2], 6, 0], [.. value[..8], 0, 0, 0, 0, 0, 0, 0, 0x80]),
            ([.. key[..^2], 7, 0], [.. value[..8], 0, 0, 0, 0, 0, 0, 0, 0x7F]),
        ];
        foreach ((byte[] badKey, byte[] badValue) in damages)
            Put(badKey, badValue);

        using LmdbStore again = Open();
        Assert.That(again.LoadBans(out int unreadable), Is.EqualTo(new[] { good }));
        Assert.That(unreadable, Is.EqualTo(damages.Length));
    }

    [Test]
    public void Random_bytes_are_never_more_than_an_unreadable_ban()
    {
        var random = new Random(20261120);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] key = new byte[random.Next(40)], value = new byte[random.Next(20)];
            random.NextBytes(key);
            random.NextBytes(value);
            if (!BanCodec.TryRead(key, value, out Ban? ban))
                continue;
            byte[] again = new byte[BanCodec.MaxKeySize];
            Assert.That(again[..BanCodec.WriteKey(ban, again)], Is.EqualTo(key));
        }
    }

    [Test]
    public void The_bans_of_a_node_that_does_not_run_can_be_changed()
    {
        Subnet subnet = Subnet.Parse("192.0.2.0/24"), host = Subnet.Parse("192.0.2.7");

        Assert.That(Read(), Is.Empty);
        Assert.That(Directory.Exists(_directory.File("regtest")), Is.False, "Looking makes nothing.");
        Assert.That(BanListFiles.Add(_directory.Path, P2PNetwork.Regtest, subnet, TimeSpan.FromHours(1)), Is.EqualTo(BanResult.Added));
        Assert.That(
            BanListFiles.Add(_directory.Path, P2PNetwork.Regtest, host, TimeSpan.FromHours(1)), Is.EqualTo(BanResult.AlreadyBanned));
        DateTimeOffset until = DateTimeOffset.FromUnixTimeSeconds(4_000_000_000);
        Assert.That(
            BanListFiles.Add(_directory.Path, P2PNetwork.Regtest, Subnet.Parse(Onion), until), Is.EqualTo(BanResult.Added));
        Assert.That(Read().Select(ban => ban.Hosts), Is.EqualTo(new[] { subnet, Subnet.Parse(Onion) }));
        Assert.That(Read()[0].Duration, Is.EqualTo(TimeSpan.FromHours(1)));
        Assert.That(Read()[1].Until, Is.EqualTo(until));
        Assert.That(BanListFiles.Read(_directory.Path, P2PNetwork.Main, out _), Is.Empty, "Each network has its own.");

        Assert.That(BanListFiles.Remove(_directory.Path, P2PNetwork.Regtest, host), Is.False);
        Assert.That(BanListFiles.Remove(_directory.Path, P2PNetwork.Regtest, subnet), Is.True);
        Assert.That(BanListFiles.Clear(_directory.Path, P2PNetwork.Regtest), Is.EqualTo(1));
        Assert.That(Read(), Is.Empty);
    }

    private IReadOnlyList<Ban> Read() => BanListFiles.Read(_directory.Path, P2PNetwork.Regtest, out _);

    private LmdbStore Open() => LmdbStore.Open(_directory.File("regtest"), P2PNetwork.Regtest, () => new byte[32]);

    private void Put(byte[] key, byte[] value)
    {
        using var environment = new LightningDB.LightningEnvironment(
            _directory.File("regtest"), new LightningDB.EnvironmentConfiguration { MaxDatabases = 4 });
        environment.Open();
        using LightningDB.LightningTransaction transaction = environment.BeginTransaction();
        using LightningDB.LightningDatabase database = transaction.OpenDatabase("banlist");
        transaction.Put(database, key, value);
        transaction.Commit();
    }
}
