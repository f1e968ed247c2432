using System.Diagnostics.CodeAnalysis;
using Logos.P2P.AddrMan;
using Logos.P2P.Diagnostics;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Storage;

/// <summary>
/// A store of three values in a place that the host owns: `peers` (a <see cref="PeersFile"/>), `banlist` (see
/// <see cref="BanCodec"/>) and `anchors`, the last two as <see cref="SealedValue"/>. What cannot be read is set aside under the name with
/// `.bak`, and the node goes on without it: the host's database must not keep the host from starting.
/// </summary>
internal sealed class HostStore : IOverlayStore
{
    private const string PeersName = "peers";
    private const string BansName = "banlist";
    private const string AnchorsName = "anchors";
    private const string AsideSuffix = ".bak";

    /// <summary>The grouping of entries that another key placed: the name of none.</summary>
    private const string ForeignGrouping = "";

    private readonly GuardedStorage _storage;
    private readonly P2PNetwork _network;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly Dictionary<NetEndpoint, AddressEntry> _entries = [];

    /// <param name="storage">The place.</param>
    /// <param name="network">The network of the node.</param>
    /// <param name="makeKey">Makes the secret key of a new address book.</param>
    /// <param name="logger">Where it is told what could not be read.</param>
    /// <exception cref="IOException">The host cannot read it.</exception>
    public HostStore(IKeyValueStorage storage, P2PNetwork network, Func<byte[]> makeKey, ILogger logger)
    {
        _storage = new GuardedStorage(storage);
        _network = network;
        _logger = logger;
        PeersFile.TryRead(_storage.Load(PeersName), network, out PeersImage? image, out _);
        Key = image?.Key.ToArray() ?? makeKey();
    }

    public byte[] Key { get; }

    public bool RewritesAddresses => true;

    public string Path => "(the host's storage)";

    public StoredBook LoadAddresses()
    {
        lock (_gate)
        {
            // It may fail: until then it is known what was stored.
            PeersImage? image = ReadPeers();
            _entries.Clear();
            if (image is null)
                return new StoredBook([], null, 0);
            foreach (AddressEntry entry in image.Entries)
                _entries[entry.Endpoint] = entry;
            string grouping = image.WasPlacedBy(Key, image.Grouping) ? image.Grouping : ForeignGrouping;
            return new StoredBook(image.Entries, grouping, 0);
        }
    }

    public void SaveAddresses(AddressChanges changes, string grouping)
    {
        lock (_gate)
        {
            foreach (NetEndpoint endpoint in changes.Removed)
                _entries.Remove(endpoint);
            foreach (AddressEntry entry in changes.Upserted)
                _entries[entry.Endpoint] = entry;
            WritePeers(grouping);
        }
    }

    public void ReplaceAddresses(IReadOnlyCollection<AddressEntry> entries, string grouping)
    {
        lock (_gate)
        {
            _entries.Clear();
            foreach (AddressEntry entry in entries)
                _entries[entry.Endpoint] = entry;
            WritePeers(grouping);
        }
    }

    public IReadOnlyList<Anchor> TakeAnchors(out bool areDamaged)
    {
        lock (_gate)
        {
            areDamaged = false;
            if (_storage.Load(AnchorsName) is not { } bytes)
                return [];
            areDamaged = !TryReadAnchors(bytes, out List<Anchor>? anchors);
            if (anchors is not { Count: 0 })
                WriteAnchors([]);
            return anchors ?? [];
        }
    }

    public void SaveAnchors(IReadOnlyList<Anchor> anchors)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(anchors.Count, byte.MaxValue);
        lock (_gate)
            WriteAnchors(anchors);
    }

    public IReadOnlyList<Ban> LoadBans(out int unreadable)
    {
        unreadable = 0;
        lock (_gate)
        {
            if (_storage.Load(BansName) is not { } bytes)
                return [];
            if (TryReadBans(bytes, out List<Ban>? bans))
                return bans;
            SetAside(BansName, bytes, "it is no list of bans, or damaged");
            return [];
        }
    }

    public void SaveBans(IReadOnlyCollection<Ban> bans)
    {
        byte[] bytes = new byte[SealedValue.Overhead + sizeof(uint) + (bans.Count * (1 + BanCodec.MaxKeySize + BanCodec.ValueSize))];
        WireWriter writer = SealedValue.Begin(bytes);
        writer.WriteUInt32((uint)bans.Count);
        Span<byte> key = stackalloc byte[BanCodec.MaxKeySize];
        foreach (Ban ban in bans)
        {
            int length = BanCodec.WriteKey(ban, key);
            writer.WriteByte((byte)length);
            writer.WriteBytes(key[..length]);
            BanCodec.WriteValue(ban, writer.Take(BanCodec.ValueSize));
        }

        lock (_gate)
            _storage.Store(BansName, SealedValue.End(ref writer, bytes));
    }

    public void Dispose()
    {
        // The place is the host's.
    }

    private PeersImage? ReadPeers()
    {
        if (_storage.Load(PeersName) is not { } bytes)
            return null;
        if (PeersFile.TryRead(bytes, _network, out PeersImage? image, out PeersFileError error))
            return image;
        SetAside(PeersName, bytes, error.Message);
        return null;
    }

    private void WritePeers(string grouping)
    {
        var image = new PeersImage { Key = Key, Grouping = grouping, Entries = [.. _entries.Values] };
        _storage.Store(PeersName, PeersFile.Write(image, _network));
    }

    private void WriteAnchors(IReadOnlyList<Anchor> anchors)
    {
        const int maxAnchorSize = 9 + 1 + 1 + NetAddress.MaxLength + sizeof(ushort);
        byte[] bytes = new byte[SealedValue.Overhead + 1 + (anchors.Count * maxAnchorSize)];
        WireWriter writer = SealedValue.Begin(bytes);
        writer.WriteByte((byte)anchors.Count);
        foreach (Anchor anchor in anchors)
        {
            writer.WriteCompactSize((ulong)anchor.Services);
            AddressCodec.WriteV2(ref writer, anchor.Endpoint);
        }

        _storage.Store(AnchorsName, SealedValue.End(ref writer, bytes));
    }

    private static bool TryReadAnchors(byte[] bytes, [NotNullWhen(true)] out List<Anchor>? anchors)
    {
        anchors = null;
        if (!SealedValue.TryOpen(bytes, out WireReader reader) || !reader.TryReadByte(out byte count))
            return false;
        var read = new List<Anchor>(count);
        for (int i = 0; i < count; i++)
        {
            if (!reader.TryReadCompactSize(out ulong services)
                || !AddressCodec.TryReadV2(ref reader, out NetEndpoint endpoint)
                || !NetAddress.IsKnown(endpoint.Address.Network))
            {
                return false;
            }

            read.Add(new Anchor(endpoint, (Services)services));
        }

        anchors = read;
        return reader.Remaining == 0;
    }

    private static bool TryReadBans(byte[] bytes, [NotNullWhen(true)] out List<Ban>? bans)
    {
        bans = null;
        if (!SealedValue.TryOpen(bytes, out WireReader reader)
            || !reader.TryReadUInt32(out uint count)
            || count > NodeDefaults.MaxBans)
        {
            return false;
        }

        var read = new List<Ban>();
        for (uint i = 0; i < count; i++)
        {
            if (!reader.TryReadByte(out byte keyLength)
                || !reader.TryReadBytes(keyLength, out ReadOnlySpan<byte> key)
                || !reader.TryReadBytes(BanCodec.ValueSize, out ReadOnlySpan<byte> value)
                || !BanCodec.TryRead(key, value, out Ban? ban))
            {
                return false;
            }

            read.Add(ban);
        }

        bans = read;
        return reader.Remaining == 0;
    }

    private void SetAside(string name, byte[] bytes, string why)
    {
        string aside = name + AsideSuffix;
        try
        {
            _storage.Store(aside, bytes);
            Log.HostValueSetAside(_logger, name, why, aside);
        }
        catch (IOException e)
        {
            Log.HostValueNotSetAside(_logger, name, why, aside, e);
        }
    }
}
