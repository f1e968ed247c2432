using System.Text;
using Logos.P2P.AddrMan;
using Logos.P2P.Storage;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Storage;

/// <summary>What a node keeps in a place that its host owns.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class HostStoreTests
{
    private static readonly DateTimeOffset Now = new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly Place _place = new();
    private readonly LogRecorder _log = new();

    [Test]
    public void Everything_is_there_again_after_a_restart()
    {
        Ban[] bans = [new Ban(Subnet.Parse("192.0.2.0/24"), Now, Now.AddDays(1)), new Ban(Subnet.Parse("fc00::1"), Now, Now.AddHours(1))];
        Anchor[] anchors = [new(Endpoint("8.8.8.8:1"), Services.Logos), new(Endpoint("[2001:4860::1]:2"), 0)];
        HostStore first = Open();
        AddressEntry[] entries = Entries(first.Key, 3);
        first.SaveAddresses(new AddressChanges(entries, [], false), "prefix");
        first.SaveAddresses(new AddressChanges([], [entries[1].Endpoint], false), "prefix");
        first.SaveBans(bans);
        first.SaveAnchors(anchors);

        HostStore again = Open();
        Assert.That(again.Key, Is.EqualTo(first.Key));
        StoredBook book = again.LoadAddresses();
        Assert.That(book.Entries, Is.EquivalentTo(new[] { entries[0], entries[2] }));
        Assert.That(book.Grouping, Is.EqualTo("prefix"));
        Assert.That(again.LoadBans(out int unreadable), Is.EquivalentTo(bans));
        Assert.That(unreadable, Is.Zero);
        Assert.That(again.TakeAnchors(out bool areDamaged), Is.EqualTo(anchors));
        Assert.That(areDamaged, Is.False);
        Assert.That(again.TakeAnchors(out _), Is.Empty, "They are taken once.");
        again.ReplaceAddresses([entries[1]], "asmap");
        Assert.That(Open().LoadAddresses().Entries, Is.EqualTo(new[] { entries[1] }));
    }

    [Test]
    public void An_empty_place_has_nothing_and_a_new_key()
    {
        HostStore store = Open();

        Assert.That(store.LoadAddresses().Grouping, Is.Null);
        Assert.That(store.LoadBans(out _), Is.Empty);
        Assert.That(store.TakeAnchors(out bool areDamaged), Is.Empty);
        Assert.That(areDamaged, Is.False);
        Assert.That(_place.Values, Is.Empty, "Looking writes nothing.");
        Assert.That(store.Key, Is.Not.EqualTo(Open().Key));
    }

    [Test]
    public void What_somebody_else_left_there_is_set_aside_and_told()
    {
        byte[] foreign = Encoding.ASCII.GetBytes("the bytes of 2019");
        _place.Values["peers"] = foreign;
        _place.Values["banlist"] = foreign;
        _place.Values["anchors"] = foreign;

        HostStore store = Open();

        Assert.That(store.LoadAddresses().Grouping, Is.Null);
        Assert.That(store.LoadBans(out _), Is.Empty);
        Assert.That(store.TakeAnchors(out bool areDamaged), Is.Empty);
        Assert.That(areDamaged, Is.True);
        Assert.That((_place.Values["peers.bak"], _place.Values["banlist.bak"]), Is.EqualTo((foreign, foreign)));
        Assert.That(_log.Lines.Where(line => line.Contains("set aside", StringComparison.Ordinal)), Has.Exactly(2).Items);
    }

    [Test]
    public void A_host_that_fails_in_whatever_way_to_read_loses_nothing_of_what_is_stored()
    {
        HostStore store = Open();
        AddressEntry[] entries = Entries(store.Key, 3);
        store.SaveAddresses(new AddressChanges(entries, [], false), "prefix");

        _place.Fails = new InvalidOperationException("Too many readers");
        Assert.That(() => store.LoadAddresses(), Throws.InstanceOf<IOException>().With.Message.Contains("Too many readers"));
        Assert.That(() => store.SaveBans([]), Throws.InstanceOf<IOException>());

        _place.Fails = null;
        store.SaveAddresses(new AddressChanges([], [entries[1].Endpoint], false), "prefix");
        Assert.That(Open().LoadAddresses().Entries, Is.EquivalentTo(new[] { entries[0], entries[2] }));
    }

    [Test]
    public async Task A_host_that_cannot_store_does_not_keep_the_node_from_starting()
    {
        HostStore before = Open();
        before.SaveAnchors([new Anchor(Endpoint("192.0.2.1:1"), Services.Logos)]);
        _place.Values["peers"] = _place.Values["banlist"] = [1, 2, 3];
        _place.FailsToStore = new IOException("No space left");
        var options = new P2POptions { Network = P2PNetwork.Regtest, NetworkActive = false };
        await using var node = new P2PNode(options, new RecordingHandler(), _log.Factory, new P2PHost { Storage = _place });

        await node.StartAsync();

        Assert.That(_log.Lines, Has.Some.Contains("could not be set aside").And.Some.Contains("Could not take the anchors"));
        Assert.That(_place.Values["peers"], Is.EqualTo(new byte[] { 1, 2, 3 }));
    }

    [Test]
    public void A_value_with_any_wrong_byte_is_not_believed()
    {
        HostStore store = Open();
        store.SaveBans([new Ban(Subnet.Parse("192.0.2.7"), Now, Now.AddDays(1))]);
        byte[] good = _place.Values["banlist"];
        for (int i = 0; i < good.Length; i++)
        {
            _place.Values["banlist"] = [.. good[..i], (byte)(good[i] ^ 1), .. good[(i + 1)..]];
            Assert.That(store.LoadBans(out _), Is.Empty, $"Byte {i}");
            _place.Values["banlist"] = good[..i];
            Assert.That(store.LoadBans(out _), Is.Empty, $"{i} bytes");
        }
    }

    [Test]
    public void Addresses_that_another_key_placed_are_placed_anew()
    {
        HostStore store = Open();
        HostStore other = Open();
        AddressEntry[] entries = Entries(other.Key, 1);
        other.SaveAddresses(new AddressChanges(entries, [], false), "prefix");

        StoredBook book = store.LoadAddresses();
        Assert.That(book.Entries, Is.EqualTo(entries));
        Assert.That(book.Grouping, Is.Not.Null.And.Not.EqualTo("prefix"));
    }

    [Test]
    public async Task A_node_keeps_its_bans_and_addresses_with_its_host()
    {
        var options = new P2POptions { Network = P2PNetwork.Regtest, NetworkActive = false, DataDirectory = "/nowhere" };
        await using (var first = new P2PNode(options, new RecordingHandler(), null, new P2PHost { Storage = _place }))
        {
            await first.StartAsync();
            Assert.That(await first.LoadAsync(), Is.False, "There is nothing yet.");
            Assert.That(first.AddAddresses([Endpoint("192.0.2.1:1"), Endpoint("192.0.2.2:2")]), Is.EqualTo(2));
            first.Ban(Subnet.Parse("192.0.2.9"));
            Assert.That(await first.SaveAsync(), Is.True);
            Assert.That(await first.LoadAsync(), Is.True);
        }

        await using var second = new P2PNode(options, new RecordingHandler(), null, new P2PHost { Storage = _place });
        await second.StartAsync();
        Assert.That(second.GetAddresses().Select(address => address.Endpoint), Is.EquivalentTo(new[] { Endpoint("192.0.2.1:1"), Endpoint("192.0.2.2:2") }));
        Assert.That(second.IsBanned(Endpoint("192.0.2.9:1").Address), Is.True);
        Assert.That(second.ListeningEndpoints, Is.Empty, "There is no network.");
    }

    [Test]
    public async Task What_a_host_has_put_there_meanwhile_comes_besides_what_the_node_knows()
    {
        var options = new P2POptions { Network = P2PNetwork.Regtest, NetworkActive = false };
        var other = new Place();
        await using (var node = new P2PNode(options, new RecordingHandler(), null, new P2PHost { Storage = other }))
        {
            await node.StartAsync();
            node.AddAddresses([Endpoint("192.0.2.1:1")]);
            node.Ban(Subnet.Parse("192.0.2.8"));
            await node.SaveAsync();
        }

        await using (var node = new P2PNode(options, new RecordingHandler(), null, new P2PHost { Storage = _place }))
        {
            await node.StartAsync();
            node.AddAddresses([Endpoint("192.0.2.2:2")]);
            node.Ban(Subnet.Parse("192.0.2.9"));
            await node.SaveAsync();
            foreach (string name in (string[])["peers", "banlist"])
                _place.Values[name] = other.Values[name];
            Assert.That(await node.LoadAsync(), Is.True);
        }

        await using var again = new P2PNode(options, new RecordingHandler(), null, new P2PHost { Storage = _place });
        await again.StartAsync();
        Assert.That(
            again.GetAddresses().Select(address => address.Endpoint),
            Is.EquivalentTo(new[] { Endpoint("192.0.2.1:1"), Endpoint("192.0.2.2:2") }));
        Assert.That(
            again.GetBans().Select(ban => ban.Hosts), Is.EquivalentTo(new[] { Subnet.Parse("192.0.2.8"), Subnet.Parse("192.0.2.9") }));
    }

    [Test]
    public async Task A_host_that_cannot_store_is_asked_again_and_says_so()
    {
        var options = new P2POptions { Network = P2PNetwork.Regtest, NetworkActive = false };
        await using var node = new P2PNode(options, new RecordingHandler(), null, new P2PHost { Storage = _place });
        await node.StartAsync();
        node.AddAddresses([Endpoint("192.0.2.1:1")]);
        _place.Fails = new IOException("The host is out of order");
        Assert.That(await node.SaveAsync(), Is.False);
        _place.Fails = null;
        Assert.That(await node.SaveAsync(), Is.True);
    }

    private static NetEndpoint Endpoint(string text) =>
        NetEndpoint.TryParse(text, 0, out NetEndpoint endpoint) ? endpoint : throw new FormatException(text);

    /// <summary>Entries as an address manager with this key makes them.</summary>
    private static AddressEntry[] Entries(byte[] key, int count)
    {
        var book = new AddressManager(new AddressManagerOptions
        {
            Key = key,
            Random = new Random(1),
            Clock = TimeProvider.System,
            Grouping = new NetworkPolicy(P2PNetwork.Main, privateNet: false).Grouping,
            IsRoutable = _ => true,
        });
        uint now = (uint)DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        for (int i = 0; i < count; i++)
            book.Add([new TimedAddress(Endpoint($"8.{i}.8.8:{i + 1}"), Services.Logos, now)], Endpoint("9.9.9.9:1").Address);
        return [.. book.Snapshot()];
    }

    private HostStore Open(Place? place = null)
    {
        byte[] key = Guid.NewGuid().ToByteArray();
        return new HostStore(place ?? _place, P2PNetwork.Main, () => [.. key, .. key], _log);
    }

    private sealed class Place : IKeyValueStorage
    {
        public Dictionary<string, byte[]> Values { get; } = [];

        /// <summary>What it does instead of anything else.</summary>
        public Exception? Fails { get; set; }

        /// <summary>What it does instead of storing.</summary>
        public Exception? FailsToStore { get; set; }

        public byte[]? Load(string name) => Fails is null ? Values.GetValueOrDefault(name) : throw Fails;

        public void Store(string name, ReadOnlySpan<byte> value) =>
            Values[name] = (Fails ?? FailsToStore) is { } failure ? throw failure : value.ToArray();
    }
}
