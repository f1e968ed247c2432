using Logos.P2P.AddrMan;
using Logos.P2P.Tests.Conformance;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.AddrMan;

/// <summary>
/// What must hold whatever happens, in whatever order: 105,000 random operations with every invariant verified after each,
/// and 60,000 on larger tables with a look now and then (overlay.md M6).
/// </summary>
[TestFixture]
[Category("Slow")]
internal sealed class AddressManagerPropertyTests
{
    private const int Operations = 20_000;
    private const int WatchedOperations = 35_000;
    private const string GroupingName = "prefix";

    /// <summary>A few addresses that fight for a few places: every kind of collision, and often.</summary>
    [TestCase(1, 2u, 40)]
    [TestCase(2, 4u, 60)]
    [TestCase(3, 16u, 150)]
    [Conformance("M6")]
    public void Nothing_that_happens_in_a_crowd_breaks_an_invariant(int seed, uint places, int addresses)
    {
        AddressManagerOptions options = Book.DefaultOptions(seed) with { Hash = new CollidingHash(places) };
        new RandomLife(options, seed, addresses, sources: 30)
            .Run(WatchedOperations, checkEvery: 1, storeEvery: 8, restoreEvery: 400);
    }

    /// <summary>Many addresses with room to spread.</summary>
    [TestCase(4, 2_000)]
    [TestCase(5, 50_000)]
    [Conformance("M6")]
    public void Nothing_that_happens_in_a_wide_world_breaks_an_invariant(int seed, int addresses)
    {
        AddressManagerOptions options = Book.DefaultOptions(seed);
        new RandomLife(options, seed, addresses, sources: 400)
            .Run(Operations, checkEvery: 400, storeEvery: 500, restoreEvery: 5_000);
    }

    /// <summary>The same by autonomous systems: all of 250.0.0.0/8 is one party.</summary>
    [Test]
    public void Nothing_that_happens_on_a_map_breaks_an_invariant()
    {
        AddressManagerOptions options = Book.DefaultOptions(6) with { Grouping = AsmapVectors.SmallGrouping };
        new RandomLife(options, 6, addresses: 3_000, sources: 400)
            .Run(Operations, checkEvery: 400, storeEvery: 500, restoreEvery: 2_000);
    }

    [Test]
    public void The_same_seed_lives_the_same_life()
    {
        AddressEntry[][] ends = [.. Enumerable.Range(0, 2).Select(_ =>
        {
            AddressManagerOptions options = Book.DefaultOptions(7) with { Hash = new CollidingHash(40) };
            var life = new RandomLife(options, 7, addresses: 500, sources: 50);
            life.Run(5_000, checkEvery: 5_000, storeEvery: 5_000, restoreEvery: 5_000);
            return life.Manager.Snapshot().ToArray();
        })];
        Assert.That(ends[0], Is.EqualTo(ends[1]));
    }

    /// <summary>A manager to which random things happen, with a store beside it that is told of the changes.</summary>
    private sealed class RandomLife(AddressManagerOptions options, int seed, int addresses, int sources)
    {
        private readonly ManualTimeProvider _clock = (ManualTimeProvider)options.Clock;
        private readonly Random _random = new(seed * 7919);
        private readonly Dictionary<NetEndpoint, AddressEntry> _store = [];
        private AddressManager _manager = new(options);

        public AddressManager Manager => _manager;

        public void Run(int operations, int checkEvery, int storeEvery, int restoreEvery)
        {
            for (int i = 1; i <= operations; i++)
            {
                HappensSomething();
                if (i % checkEvery == 0)
                    Check();
                if (i % storeEvery == 0)
                    Store();
                if (i % restoreEvery == 0)
                    Restart();
            }
        }

        private void HappensSomething()
        {
            NetEndpoint endpoint = AnyEndpoint();
            switch (_random.Next(20))
            {
                case < 8:
                    TimedAddress[] heard = [.. Enumerable.Range(0, _random.Next(1, 5)).Select(_ => AnyAddress())];
                    _manager.Add(heard, AnySource(), TimeSpan.FromHours(_random.Next(3)));
                    break;
                case < 11:
                    _manager.Attempt(endpoint, _random.Next(2) == 0, _clock.UnixSeconds);
                    break;
                case < 13:
                    _manager.Good(endpoint, _clock.UnixSeconds, testBeforeEvict: _random.Next(3) > 0);
                    break;
                case 13:
                    TestThoseInTheWay();
                    break;
                case 14:
                    _manager.Connected(endpoint, _clock.UnixSeconds);
                    break;
                case 15:
                    _manager.SetServices(endpoint, (Services)_random.Next(4));
                    break;
                case 16:
                    _clock.Advance(TimeSpan.FromMinutes(_random.Next(600)));
                    break;
                case 17:
                    TellOthers();
                    break;
                case 18:
                    DialOn(_random.Next(3) == 0 ? NetworkId.TorV3 : (NetworkId)_random.Next(1, 3));
                    break;
                default:
                    Dial();
                    break;
            }
        }

        private void Dial()
        {
            bool newOnly = _random.Next(2) == 0;
            Candidate? candidate = _manager.Select(newOnly);
            bool expected = newOnly ? _manager.NewCount > 0 : _manager.Count > 0;
            Require(candidate.HasValue == expected, "somebody is chosen exactly if there is somebody");
            if (candidate is not { } chosen)
                return;
            bool known = _manager.TryGet(chosen.Address.Endpoint, out AddressEntry? entry);
            Require(known && entry!.Address == chosen.Address, "the chosen is known");
            Require(entry!.LastTry == chosen.LastTry, "its last try is told");
            Require(!newOnly || !entry!.InTried, "only a new one is chosen when only new ones are wanted");
            Require(AddressManagerOptions.IsPublic(chosen.Address.Endpoint), "the chosen can be dialled");
        }

        private void DialOn(NetworkId network)
        {
            bool newOnly = _random.Next(2) == 0;
            NetworkCount count = _manager.CountOf(network);
            Candidate? candidate = _manager.Select(newOnly, network);
            bool expected = newOnly ? count.New > 0 : count.Total > 0;
            Require(candidate.HasValue == expected, "somebody is chosen exactly if the network has somebody");
            Require(candidate is null || candidate.Value.Address.Endpoint.Address.Network == network, "on that network");
        }

        private void TestThoseInTheWay()
        {
            Candidate? candidate = _manager.SelectTriedCollision();
            Require(candidate.HasValue == _manager.TriedCollisionCount > 0, "somebody is tested if somebody waits");
            if (candidate is { } chosen)
            {
                _manager.TryGet(chosen.Address.Endpoint, out AddressEntry? entry);
                Require(entry is { InTried: true }, "who is tested is in tried");
                _manager.Attempt(chosen.Address.Endpoint, countFailure: true, _clock.UnixSeconds);
                if (_random.Next(3) == 0)
                    _manager.Good(chosen.Address.Endpoint, _clock.UnixSeconds);
            }

            _clock.Advance(TimeSpan.FromMinutes(_random.Next(30)));
            int waiting = _manager.TriedCollisionCount;
            int replaced = _manager.ResolveCollisions(_clock.UnixSeconds);
            Require(_manager.TriedCollisionCount <= waiting - replaced, "who has his place waits no more");
        }

        private void TellOthers()
        {
            NetworkId? network = _random.Next(2) == 0 ? NetworkId.IPv6 : null;
            TimedAddress[] told = _manager.GetAddresses(50, 23, network);
            Require(told.Length <= Math.Max(1, _manager.Count * 23 / 100), "no more is told than allowed");
            foreach (TimedAddress address in told)
            {
                bool known = _manager.TryGet(address.Endpoint, out AddressEntry? entry);
                Require(known && !entry!.IsTerrible(_clock.UnixSeconds), "nothing terrible is told");
                Require(network is null || address.Endpoint.Address.Network == network, "they are on that network");
            }
        }

        private void Check()
        {
            _manager.Check();
            Require(_manager.Count == _manager.NewCount + _manager.TriedCount, "the counts add up");
        }

        /// <summary>The store, told of changes alone, has what the manager has.</summary>
        private void Store()
        {
            AddressChanges changes = _manager.TakeChanges();
            foreach (NetEndpoint removed in changes.Removed)
                Require(_store.Remove(removed), "only what is stored is removed");
            foreach (AddressEntry entry in changes.Upserted)
                _store[entry.Endpoint] = entry;

            Require(_store.Count == _manager.Count, "the store has as many");
            foreach (AddressEntry entry in _manager.Snapshot())
                Require(_store.GetValueOrDefault(entry.Endpoint) == entry, "the store has the same");
        }

        /// <summary>A restart changes nothing, and the bytes of the store are enough for it.</summary>
        private void Restart()
        {
            Store();
            var restarted = new AddressManager(options);
            RestoreResult result = restarted.Restore(_store.Values.Select(ThroughBytes));
            Require(result == new RestoreResult(_store.Count, 0, 0), "all is restored");
            restarted.Check();
            foreach (AddressEntry entry in _manager.Snapshot())
            {
                restarted.TryGet(entry.Endpoint, out AddressEntry? again);
                Require(again == entry, "all is as it was");
            }

            Require(restarted.TakeChanges().IsEmpty, "the store has it all");
            ThroughFile(restarted);
            _manager = restarted;
        }

        /// <summary>A file changes nothing either, and what it makes makes the same file.</summary>
        private void ThroughFile(AddressManager manager)
        {
            byte[] bytes = PeersFile.Write(ImageOf(manager), P2PNetwork.Main);
            Require(PeersFile.TryRead(bytes, P2PNetwork.Main, out PeersImage? image, out _), "a file is read");
            var copy = new AddressManager(options);
            RestoreResult result = copy.Restore(image!.Entries, image.WasPlacedBy(options.Key.Span, GroupingName));
            Require(result == new RestoreResult(manager.Count, 0, 0), "a file has all");
            copy.Check();
            Require(PeersFile.Write(ImageOf(copy), P2PNetwork.Main).AsSpan().SequenceEqual(bytes), "the file is the same");
        }

        private PeersImage ImageOf(AddressManager manager) =>
            new() { Key = options.Key, Grouping = GroupingName, Entries = manager.Snapshot() };

        private static AddressEntry ThroughBytes(AddressEntry entry)
        {
            byte[] bytes = new byte[AddressEntryCodec.GetSize(entry)];
            AddressEntryCodec.Write(entry, bytes);
            Require(AddressEntryCodec.TryRead(bytes, out AddressEntry? read), "what was written can be read");
            return read!;
        }

        private NetEndpoint AnyEndpoint()
        {
            uint bits = (uint)_random.Next(addresses);
            Span<byte> bytes = stackalloc byte[16];
            bytes[..2].Fill(0x20);
            if (bits % 20 == 7)
            {
                Span<byte> key = stackalloc byte[NetAddress.MaxLength];
                BitConverter.TryWriteBytes(key, bits);
                NetAddress.TryCreate(NetworkId.TorV3, key, out NetAddress onion);
                return new NetEndpoint(onion, 1);
            }

            if (bits % 5 == 0)
            {
                bytes[2] = (byte)bits;
                bytes[15] = (byte)(bits >> 8);
                NetAddress.TryCreate(NetworkId.IPv6, bytes, out NetAddress v6);
                return new NetEndpoint(v6, 1);
            }

            // Some of them are not routable: 10.x and 0.x are among them.
            bytes[0] = (byte)(bits % 251);
            bytes[1] = (byte)(bits >> 8);
            bytes[2] = (byte)(bits >> 16);
            NetAddress.TryCreate(NetworkId.IPv4, bytes[..4], out NetAddress v4);
            return new NetEndpoint(v4, (ushort)(bits % 3));
        }

        private TimedAddress AnyAddress()
        {
            long age = _random.Next(10) switch
            {
                0 => _random.Next((int)(60 * Book.Day)),
                1 => -_random.Next((int)AddrManParameters.MaxFuture),
                _ => _random.Next((int)Book.Day),
            };
            return new TimedAddress(AnyEndpoint(), (Services)_random.Next(4), (uint)(_clock.UnixSeconds - age));
        }

        private NetAddress AnySource()
        {
            int source = _random.Next(sources);
            return Book.Host($"{1 + (source % 200)}.{source / 200}.1.1");
        }

        private static void Require(bool condition, string what)
        {
            if (!condition)
                Assert.Fail($"It should be that {what}.");
        }
    }
}
