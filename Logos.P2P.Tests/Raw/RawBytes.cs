using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Logos.P2P.Tests.Polyfills;

namespace Logos.P2P.Tests.Raw;

/// <summary>
/// The wire, written a second time: from the specification alone, with nothing of the code under test. What both sides
/// agree on is the protocol, and not only the same mistake made twice.
/// </summary>
internal static class RawBytes
{
    public const int HeaderSize = 24;
    public const uint MsgLogos = 0x4C;
    public const ulong NodeLogos = 1 << 24;

    public static readonly byte[] MainMagic = [0xF9, 0xBE, 0xB4, 0xD9];
    public static readonly byte[] TestMagic = [0x0B, 0x11, 0x09, 0x07];
    public static readonly byte[] RegtestMagic = [0xFA, 0xBF, 0xB5, 0xDA];

    private static readonly byte[] EmptyChecksum = [0x0E, 0x57, 0x51, 0xC0];

    /// <summary>Blake2b-256, the name of a message.</summary>
    public static byte[] Id(byte[] payload) => Blake2bReference.Digest(32, [], payload);

    /// <summary>The first four bytes of Blake2b-256.</summary>
    public static byte[] Checksum(byte[] payload) => payload.Length == 0 ? EmptyChecksum : Id(payload)[..4];

    /// <summary>Bitcoin's checksum.</summary>
    public static byte[] BitcoinChecksum(byte[] payload) => SHA256.HashData(SHA256.HashData(payload))[..4];

    /// <summary>A frame of regtest, unless told otherwise.</summary>
    public static byte[] Frame(string command, byte[] payload, byte[]? magic = null, byte[]? checksum = null) =>
        [.. Header(command, (uint)payload.Length, magic, checksum ?? Checksum(payload)), .. payload];

    /// <summary>A header, however wrong it may be.</summary>
    public static byte[] Header(string command, uint length, byte[]? magic = null, byte[]? checksum = null) =>
        HeaderOf(Encoding.Latin1.GetBytes(command), length, magic, checksum);

    /// <summary>A header with any bytes as its command.</summary>
    public static byte[] HeaderOf(byte[] command, uint length, byte[]? magic = null, byte[]? checksum = null)
    {
        byte[] field = new byte[12];
        command.CopyTo(field, 0);
        return [.. magic ?? RegtestMagic, .. field, .. U32(length), .. checksum ?? EmptyChecksum];
    }

    public static byte[] U16(ushort value) => [(byte)value, (byte)(value >> 8)];

    public static byte[] U32(uint value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }

    public static byte[] U64(ulong value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return bytes;
    }

    /// <summary>A port: the only big-endian number.</summary>
    public static byte[] Port(int port) => [(byte)(port >> 8), (byte)port];

    public static byte[] CompactSize(ulong value) => value switch
    {
        < 0xFD => [(byte)value],
        <= 0xFFFF => [0xFD, .. U16((ushort)value)],
        <= 0xFFFFFFFF => [0xFE, .. U32((uint)value)],
        _ => [0xFF, .. U64(value)],
    };

    public static byte[] VarBytes(byte[] bytes) => [.. CompactSize((ulong)bytes.Length), .. bytes];

    /// <summary>An IPv4 address inside IPv6: ten zeros, two times ff, the four bytes.</summary>
    public static byte[] Mapped(string ip) => [.. new byte[10], 0xFF, 0xFF, .. IPAddress.Parse(ip).GetAddressBytes()];

    /// <summary>A `version` of ours.</summary>
    public static byte[] Version(
        int protocol = 70017,
        ulong services = NodeLogos,
        ulong nonce = 0x1122334455667788,
        string userAgent = "/RawClient:1.0/",
        byte[]? relay = null) =>
    [
        .. U32((uint)protocol),
        .. U64(services),
        .. U64((ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds()),
        .. U64(0), .. Mapped("127.0.0.1"), .. Port(14497),
        .. U64(0), .. new byte[16], .. Port(0),
        .. U64(nonce),
        .. VarBytes(Encoding.Latin1.GetBytes(userAgent)),
        .. U32(0),
        .. relay ?? [1],
    ];

    /// <summary>An entry of `addr`.</summary>
    public static byte[] AddrEntry(string ip, int port, ulong services = NodeLogos, long age = 0) =>
        [.. Time(age), .. U64(services), .. Mapped(ip), .. Port(port)];

    /// <summary>An entry of `addrv2` for an IPv4 address.</summary>
    public static byte[] AddrV2Entry(string ip, int port, ulong services = NodeLogos, long age = 0) =>
        AddrV2Entry(1, IPAddress.Parse(ip).GetAddressBytes(), port, services, age);

    /// <summary>An entry of `addrv2` for any network.</summary>
    public static byte[] AddrV2Entry(byte network, byte[] address, int port, ulong services = NodeLogos, long age = 0) =>
        [.. Time(age), .. CompactSize(services), network, .. VarBytes(address), .. Port(port)];

    /// <summary>A list: how many entries, and the entries.</summary>
    public static byte[] List(params byte[][] entries) =>
        [.. CompactSize((ulong)entries.Length), .. entries.SelectMany(entry => entry)];

    /// <summary>An `inv`, `getdata` or `notfound` of `logos` messages.</summary>
    public static byte[] Inventory(params byte[][] ids) => List([.. ids.Select(id => Item(MsgLogos, id))]);

    public static byte[] Item(uint type, byte[] id) => [.. U32(type), .. id];

    private static byte[] Time(long age) => U32((uint)(DateTimeOffset.UtcNow.ToUnixTimeSeconds() - age));
}
