using System.Buffers.Binary;

namespace Logos.P2P.Wire;

/// <summary>What the IANA and the RFCs say an address is for. Names follow Bitcoin Core's so that tables compare.</summary>
public readonly partial struct NetAddress
{
    /// <summary>
    /// An address a host can have at all: not unspecified, not broadcast, not for documentation (RFC 3849), not a
    /// made-up internal one.
    /// </summary>
    public bool IsValid => Network switch
    {
        NetworkId.None or NetworkId.Internal => false,
        NetworkId.IPv4 => IPv4Bits is not (0 or uint.MaxValue),
        NetworkId.IPv6 => !IsDocumentationIPv6,
        _ => true,
    };

    /// <summary>True for an address that other hosts on the internet can reach, as far as its bits tell.</summary>
    public bool IsRoutable => IsValid && !(IsLocal || IsPrivate || IsReserved);

    /// <summary>Loopback, or 0.0.0.0/8 ("this network").</summary>
    public bool IsLocal => Network switch
    {
        NetworkId.IPv4 => Bytes[0] is 127 or 0,
        NetworkId.IPv6 => IPv6High == 0 && IPv6Low == 1,
        _ => false,
    };

    /// <summary>Private to a site or link: RFC 1918, RFC 3927, RFC 6598, RFC 4193 and RFC 4862.</summary>
    public bool IsPrivate => Network switch
    {
        NetworkId.IPv4 => InIPv4(10, 0, 8) || InIPv4(172, 16, 12) || InIPv4(192, 168, 16)
            || InIPv4(169, 254, 16) || InIPv4(100, 64, 10),
        NetworkId.IPv6 => (Bytes[0] & 0xFE) == 0xFC || IPv6High == 0xFE80_0000_0000_0000,
        _ => false,
    };

    /// <summary>For documentation (RFC 5737, RFC 3849).</summary>
    public bool IsDocumentation => Network switch
    {
        NetworkId.IPv4 => (IPv4Bits >> 8) is 0xC00002 or 0xC63364 or 0xCB0071,
        NetworkId.IPv6 => IsDocumentationIPv6,
        _ => false,
    };

    /// <summary>IPv6 tunnelled through IPv4 by Teredo (RFC 4380, 2001::/32).</summary>
    public bool IsTeredo => Network == NetworkId.IPv6 && IPv6High >> 32 == 0x2001_0000;

    /// <summary>
    /// Set aside for other uses than hosts: RFC 2544 (benchmarks), RFC 5737 (documentation), RFC 4843 and RFC 7343
    /// (ORCHID hashes).
    /// </summary>
    private bool IsReserved => Network switch
    {
        NetworkId.IPv4 => InIPv4(198, 18, 15) || IsDocumentation,
        NetworkId.IPv6 => (IPv6High >> 36) is 0x2001001 or 0x2001002,
        _ => false,
    };

    /// <summary>
    /// The IPv4 address that an address is, or carries by one of the ways of tunnelling: RFC 6052 (64:ff9b::/96),
    /// RFC 6145 (::ffff:0:0:0/96), RFC 3964 (6to4, 2002::/16) or RFC 4380 (Teredo, 2001::/32).
    /// </summary>
    /// <returns>False when there is none.</returns>
    public bool TryGetLinkedIPv4(out uint bits)
    {
        bits = 0;
        if (Network == NetworkId.IPv4)
        {
            bits = IPv4Bits;
            return true;
        }

        if (Network != NetworkId.IPv6)
            return false;

        ulong high = IPv6High, low = IPv6Low;
        if ((high == 0x0064_FF9B_0000_0000 && low >> 32 == 0) || (high == 0 && low >> 32 == 0xFFFF_0000))
            bits = (uint)low;
        else if (high >> 48 == 0x2002)
            bits = (uint)(high >> 16);
        else if (IsTeredo)
            bits = ~(uint)low;
        else
            return false;
        return true;
    }

    private bool IsDocumentationIPv6 => IPv6High >> 32 == 0x2001_0DB8;

    private uint IPv4Bits => BinaryPrimitives.ReadUInt32BigEndian(Bytes);

    private ulong IPv6High => BinaryPrimitives.ReadUInt64BigEndian(Bytes);

    private ulong IPv6Low => BinaryPrimitives.ReadUInt64BigEndian(Bytes[8..]);

    private bool InIPv4(byte first, byte second, int prefixLength) =>
        (IPv4Bits ^ (((uint)first << 24) | ((uint)second << 16))) >> (32 - prefixLength) == 0;
}
