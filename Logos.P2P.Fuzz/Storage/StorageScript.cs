using System.Collections.Immutable;
using Logos.P2P.AddrMan;
using Logos.P2P.Fuzz.Targets;
using Logos.P2P.Storage;
using Logos.P2P.Wire;

namespace Logos.P2P.Fuzz.Storage;

/// <summary>What must be on disk after a step of a <see cref="StorageScript"/>.</summary>
internal sealed record StoredState
{
    public ImmutableHashSet<NetEndpoint> Addresses { get; init; } = [];

    public ImmutableHashSet<Subnet> Bans { get; init; } = [];

    public ImmutableList<NetEndpoint> Anchors { get; init; } = [];

    /// <summary>How many addresses the `peers.dat` has; null while there is none.</summary>
    public int? Image { get; init; }
}

/// <summary>
/// Everything that a node stores, in a fixed order: addresses that come and go, bans, anchors, the portable copy, and starts
/// in between. A process does it (`session`) while a test ends that process at each of its writes.
/// </summary>
internal sealed class StorageScript
{
    private static readonly string[] Banned = ["192.0.2.0/24", "2001:db8::/32"];

    private const P2PNetwork Network = P2PNetwork.Regtest;
    private const string Grouping = "prefix";

    private static readonly byte[] Key = [.. Enumerable.Range(0, AddrManParameters.KeySize).Select(i => (byte)i)];

    private readonly string _directory;
    private readonly List<(Action<LmdbStore> Do, StoredState After)> _steps = [];

    /// <param name="dataDirectory">That of the node.</param>
    public StorageScript(string dataDirectory)
    {
        _directory = NodeSettings.NetworkDirectory(dataDirectory, Network);
        AddSteps();
    }

    /// <summary>What must be on disk after so many steps.</summary>
    public StoredState After(int steps) => steps == 0 ? new StoredState() : _steps[steps - 1].After;

    public int Count => _steps.Count;

    /// <summary>Does all, and tells of each step that is done.</summary>
    public void Run(Action<int> done)
    {
        LmdbStore store = Open();
        try
        {
            for (int i = 0; i < _steps.Count; i++)
            {
                _steps[i].Do(store);
                done(i + 1);
                if (i % 4 != 3)
                    continue;
                store.Dispose();
                store = Open();
            }
        }
        finally
        {
            store.Dispose();
        }
    }

    private LmdbStore Open() => LmdbStore.Open(_directory, Network, () => Key);

    private void AddSteps()
    {
        AddressEntry[] all = [.. Many(160)];
        var state = new StoredState();
        void Add(Action<LmdbStore> step, StoredState after)
        {
            _steps.Add((step, after));
            state = after;
        }

        void Save(AddressEntry[] upserted, NetEndpoint[] removed) => Add(
            store => store.SaveAddresses(new AddressChanges(upserted, removed, false), Grouping),
            state with { Addresses = state.Addresses.Except(removed).Union(upserted.Select(entry => entry.Endpoint)) });

        Save(all[..40], []);
        Save(all[40..100], [all[0].Endpoint, all[1].Endpoint]);
        Anchor[] anchors = [new(all[5].Endpoint, Services.Logos), new(all[6].Endpoint, Services.Logos)];
        Add(store => store.SaveAnchors(anchors), state with { Anchors = [.. anchors.Select(anchor => anchor.Endpoint)] });
        Ban[] bans = [.. Banned.Select(text =>
            new Ban(Subnet.Parse(text), DateTimeOffset.UnixEpoch, new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero)))];
        Add(store => store.SaveBans(bans), state with { Bans = [.. bans.Select(ban => ban.Hosts)] });
        WriteImage(all[..50], Add, () => state);
        Add(store => store.TakeAnchors(out _), state with { Anchors = [] });
        Save(all[100..], [.. all[10..20].Select(entry => entry.Endpoint)]);
        Add(
            store => store.ReplaceAddresses(all[60..90], Grouping),
            state with { Addresses = [.. all[60..90].Select(entry => entry.Endpoint)] });
        Add(store => store.SaveBans(bans[..1]), state with { Bans = [bans[0].Hosts] });
        WriteImage(all[60..90], Add, () => state);
        Save(all[90..120], []);
    }

    private void WriteImage(AddressEntry[] entries, Action<Action<LmdbStore>, StoredState> add, Func<StoredState> state)
    {
        var image = new PeersImage { Key = Key, Grouping = Grouping, Entries = entries };
        string path = Path.Combine(_directory, "peers.dat");
        add(_ => PeersFileStore.Save(path, image, Network), state() with { Image = entries.Length });
    }

    private static IEnumerable<AddressEntry> Many(int count) =>
        from i in Enumerable.Range(0, count)
        let sample = SampleBook.Entries[i % SampleBook.Entries.Count]
        select sample with
        {
            Address = sample.Address with { Endpoint = sample.Endpoint with { Port = (ushort)(20_000 + i) } },
        };
}
