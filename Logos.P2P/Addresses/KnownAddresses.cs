using Logos.P2P.Wire;

namespace Logos.P2P.Addresses;

/// <summary>
/// Which addresses a peer knows: the latest 2,500 at least and 5,000 at most, in fixed memory, where exact sets of so many for each
/// of 200 peers took 80 MB. Of 25,000 addresses that were never added one counts as known, as with the filter for it in Bitcoin
/// Core, where it is one of a thousand.
/// </summary>
/// <remarks>
/// Two generations of a Bloom filter (Bloom 1970). An address is eight bits of 65,536, which a keyed hash of 128 bits names: 2,500
/// addresses set 26 % of them, and 0.26 to the power of eight is 0.002 %. The key keeps anybody from making addresses that fall on
/// the bits of another.
/// </remarks>
/// <param name="key">The key.</param>
internal sealed class KnownAddresses(ulong key)
{
    /// <summary>Bytes of both generations.</summary>
    public const int Bytes = 2 * BitCount / 8;

    private const int PerGeneration = 2500;
    private const int BitCount = 1 << 16;
    private const int WordSize = 64;
    private const int BitsOfAddress = 8;

    private ulong[] _young = new ulong[BitCount / WordSize];
    private ulong[] _old = new ulong[BitCount / WordSize];
    private int _count;

    /// <summary>Whether an address is among them.</summary>
    public bool Contains(in NetEndpoint endpoint) => Contains(HashOf(endpoint));

    /// <summary>Adds an address.</summary>
    /// <returns>False when it was among them.</returns>
    public bool TryAdd(in NetEndpoint endpoint)
    {
        UInt128 hash = HashOf(endpoint);
        if (Contains(hash))
            return false;
        if (_count == PerGeneration)
        {
            (_young, _old) = (_old, _young);
            Array.Clear(_young);
            _count = 0;
        }

        _count++;
        for (int i = 0; i < BitsOfAddress; i++, hash >>= 16)
            _young[(ushort)hash / WordSize] |= 1UL << (ushort)hash;
        return true;
    }

    private bool Contains(UInt128 hash) => Contains(_young, hash) || Contains(_old, hash);

    private static bool Contains(ulong[] bits, UInt128 hash)
    {
        for (int i = 0; i < BitsOfAddress; i++, hash >>= 16)
        {
            if ((bits[(ushort)hash / WordSize] & (1UL << (ushort)hash)) == 0)
                return false;
        }

        return true;
    }

    private UInt128 HashOf(in NetEndpoint endpoint)
    {
        Span<byte> name = stackalloc byte[sizeof(byte) + NetAddress.MaxLength + sizeof(ushort)];
        var writer = new WireWriter(name);
        writer.WriteByte((byte)endpoint.Address.Network);
        writer.WriteBytes(endpoint.Address.Bytes);
        writer.WritePort(endpoint.Port);
        return SipHash.Hash128(key, 0, name[..writer.Written]);
    }
}
