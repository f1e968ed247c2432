using System.Buffers.Binary;
using Logos.P2P.AddrMan;
using Logos.P2P.Wire;

namespace Logos.P2P.Bench.Suites;

/// <summary>Addresses from all over IPv4, told by 50,000 sources all over it: what fills every place of an address book.</summary>
internal sealed class AddressFlood
{
    private const int Sources = 50_000;

    private readonly Random _random = new(1);
    private readonly long _now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

    public AddressManager NewBook()
    {
        byte[] key = new byte[AddrManParameters.KeySize];
        _random.NextBytes(key);
        return new AddressManager(
            new AddressManagerOptions { Key = key, Random = new Random(2), Clock = TimeProvider.System });
    }

    public TimedAddress DrawAddress()
    {
        uint bits = ((uint)_random.Next(20, 100) << 24) | (uint)_random.Next(1 << 24);
        var endpoint = new NetEndpoint(IPv4(bits), (ushort)_random.Next(1, ushort.MaxValue));
        return new TimedAddress(endpoint, Services.Logos, (uint)(_now - _random.Next(1000)));
    }

    public NetAddress DrawSource() => IPv4(0x20000001u + ((uint)_random.Next(Sources) << 10));

    private static NetAddress IPv4(uint bits)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, bits);
        NetAddress.TryCreate(NetworkId.IPv4, bytes, out NetAddress address);
        return address;
    }
}
