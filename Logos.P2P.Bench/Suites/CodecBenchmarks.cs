using BenchmarkDotNet.Attributes;
using Logos.P2P.Wire;

namespace Logos.P2P.Bench.Suites;

/// <summary>What it costs to read and to write the payloads of messages that are not the upper layer's.</summary>
[MemoryDiagnoser, MinColumn]
public class CodecBenchmarks
{
    /// <summary>Names in a list: what is announced and asked for at a few thousand messages a second.</summary>
    private const int Names = 100;

    private readonly AddressFlood _flood = new();
    private readonly List<TimedAddress> _read = new(WireLimits.MaxAddresses);
    private readonly MessageId[] _ids = new MessageId[Names];
    private readonly ShortId[] _shortIds = new ShortId[Names];
    private readonly byte[] _inventory = new byte[InventoryCodec.GetSize(Names)];
    private readonly byte[] _shortIdQuery = new byte[ShortIdQueryCodec.GetSize(Names)];
    private readonly byte[] _ping = new byte[sizeof(ulong)];
    private readonly ShortIdKey _key = new(1, 2);
    private readonly VersionMessage _version = new()
    {
        ProtocolVersion = ProtocolVersion.Current,
        Services = Services.Logos,
        Time = 1_785_000_000,
        Receiver = default,
        Nonce = 1,
        UserAgent = P2PNode.UserAgent,
    };

    private TimedAddress[] _addresses = [];
    private byte[] _addressList = [];
    private byte[] _versionPayload = [];

    /// <summary>Makes what is written and read.</summary>
    [GlobalSetup]
    public void Fill()
    {
        _addresses = [.. Enumerable.Range(0, WireLimits.MaxAddresses).Select(_ => _flood.DrawAddress())];
        _addressList = new byte[AddressListCodec.GetSize(_addresses, v2: true)];
        AddressListCodec.Write(_addresses, v2: true, _addressList);
        for (int i = 0; i < Names; i++)
        {
            _ids[i] = MessageId.Compute(BitConverter.GetBytes(i));
            _shortIds[i] = ShortId.Of(_ids[i], _key);
        }

        InventoryCodec.Write(_ids, _inventory);
        ShortIdQueryCodec.Write(_key, _shortIds, _shortIdQuery);
        PingCodec.Write(1, _ping);
        _versionPayload = new byte[_version.GetSize()];
        _version.Write(_versionPayload);
    }

    /// <summary>`version`.</summary>
    [Benchmark]
    public object? ReadVersion() =>
        VersionMessage.TryRead(_versionPayload, out VersionMessage? version) == DecodeStatus.Ok ? version : null;

    /// <summary>`version`.</summary>
    [Benchmark]
    public void WriteVersion() => _version.Write(_versionPayload);

    /// <summary>`addrv2` with a thousand addresses.</summary>
    [Benchmark]
    public int ReadAddresses()
    {
        _read.Clear();
        AddressListCodec.TryRead(_addressList, v2: true, _read);
        return _read.Count;
    }

    /// <summary>`addrv2` with a thousand addresses.</summary>
    [Benchmark]
    public void WriteAddresses() => AddressListCodec.Write(_addresses, v2: true, _addressList);

    /// <summary>`inv` with a hundred ids.</summary>
    [Benchmark]
    public int ReadInventory()
    {
        int checksums = 0;
        InventoryCodec.TryRead(_inventory, out InventoryList list);
        for (int i = 0; i < list.Count; i++)
            checksums ^= (int)list[i].Id.Checksum;
        return checksums;
    }

    /// <summary>`inv` with a hundred ids.</summary>
    [Benchmark]
    public void WriteInventory() => InventoryCodec.Write(_ids, _inventory);

    /// <summary>A question by a hundred short ids.</summary>
    [Benchmark]
    public int ReadShortIds()
    {
        ShortIdQueryCodec.TryRead(_shortIdQuery, out _, out ShortIdList list);
        int equal = 0;
        for (int i = 0; i < list.Count; i++)
            equal += list[i] == _shortIds[i] ? 1 : 0;
        return equal;
    }

    /// <summary>A question by a hundred short ids.</summary>
    [Benchmark]
    public void WriteShortIds() => ShortIdQueryCodec.Write(_key, _shortIds, _shortIdQuery);

    /// <summary>The short id of a message.</summary>
    [Benchmark]
    public ShortId MakeShortId() => ShortId.Of(_ids[0], _key);

    /// <summary>`ping`.</summary>
    [Benchmark]
    public ulong ReadPing()
    {
        PingCodec.TryRead(_ping, out ulong nonce);
        return nonce;
    }
}
