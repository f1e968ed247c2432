using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;

namespace Logos.P2P.Wire;

/// <summary>
/// A host on one of the networks of <see cref="NetworkId"/>, without a port. A value: no allocation, compared by bytes.
/// IPv4 inside IPv6 is stored as IPv4, so that one host has one value.
/// </summary>
public readonly partial struct NetAddress : IEquatable<NetAddress>
{
    /// <summary>The longest address of any known network, in bytes (Tor v3 and I2P).</summary>
    public const int MaxLength = 32;

    private const int IPv4Length = 4;
    private const int IPv6Length = 16;
    private const int InternalLength = 10;

    private readonly Bytes32 _bytes;

    private NetAddress(NetworkId network, ReadOnlySpan<byte> bytes)
    {
        Network = network;
        bytes.CopyTo(_bytes);
    }

    /// <summary>No address. On the wire it is the IPv6 address with all bits zero.</summary>
    public static NetAddress None => default;

    /// <summary>The network this address is on.</summary>
    public NetworkId Network { get; }

    /// <summary>The address bytes, in network order, of the length its network prescribes.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Bytes => ((ReadOnlySpan<byte>)_bytes)[..LengthOf(Network)];

    /// <summary>True for the networks this node has a transport to.</summary>
    public bool IsIP => Network is NetworkId.IPv4 or NetworkId.IPv6;

    private static ReadOnlySpan<byte> MappedIPv4Prefix => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF];

    /// <summary>OnionCat, fd87:d87e:eb43::/48: how Tor v2 was once squeezed into IPv6.</summary>
    private static ReadOnlySpan<byte> OnionCatPrefix => [0xFD, 0x87, 0xD8, 0x7E, 0xEB, 0x43];

    /// <summary>0xfd and the first 5 bytes of SHA-256("bitcoin"): Bitcoin's form of an internal name inside IPv6.</summary>
    private static ReadOnlySpan<byte> InternalPrefix => [0xFD, 0x6B, 0x88, 0xC0, 0x87, 0x24];

    /// <summary>Makes an address from the bytes of one network.</summary>
    /// <returns>
    /// False when the length does not fit the network, the network is unknown, or the bytes are a form that BIP155
    /// forbids there: IPv4 or Tor v2 wrapped in IPv6, CJDNS that does not start with fc.
    /// </returns>
    public static bool TryCreate(NetworkId network, ReadOnlySpan<byte> bytes, out NetAddress address)
    {
        address = default;
        if (!IsKnown(network) || bytes.Length != LengthOf(network))
            return false;

        if (network == NetworkId.IPv6)
        {
            if (bytes.StartsWith(MappedIPv4Prefix) || bytes.StartsWith(OnionCatPrefix))
                return false;
            address = FromIPv6Bytes(bytes);
            return true;
        }

        if (network == NetworkId.Cjdns && bytes[0] != 0xFC)
            return false;

        address = new NetAddress(network, bytes);
        return true;
    }

    /// <summary>Makes an address from the 16-byte form of the first `addr` message (BIP155 calls it v1).</summary>
    public static NetAddress FromV1(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != IPv6Length)
            throw new ArgumentException("A v1 address has 16 bytes.", nameof(bytes));
        if (bytes.StartsWith(MappedIPv4Prefix))
            return new NetAddress(NetworkId.IPv4, bytes[MappedIPv4Prefix.Length..]);
        return bytes.StartsWith(OnionCatPrefix) ? None : FromIPv6Bytes(bytes);
    }

    /// <summary>Makes an address from .NET's IP address. IPv4 mapped into IPv6 becomes IPv4.</summary>
    public static NetAddress From(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        Span<byte> bytes = stackalloc byte[IPv6Length];
        address.TryWriteBytes(bytes, out int written);
        return written == IPv4Length ? new NetAddress(NetworkId.IPv4, bytes[..written]) : FromV1(bytes);
    }

    /// <summary>The internal address that stands for a named source of addresses, such as a DNS seed.</summary>
    public static NetAddress FromInternalName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        Span<byte> hash = stackalloc byte[Sha256.HashSize];
        Sha256.Hash(Encoding.UTF8.GetBytes(name), hash);
        return new NetAddress(NetworkId.Internal, hash[..InternalLength]);
    }

    /// <summary>
    /// Writes the 16-byte v1 form. Networks that it cannot express (Tor v3, I2P, CJDNS) come out as all zero.
    /// </summary>
    public void WriteV1(Span<byte> destination)
    {
        Span<byte> target = destination[..IPv6Length];
        target.Clear();
        switch (Network)
        {
            case NetworkId.IPv4:
                MappedIPv4Prefix.CopyTo(target);
                Bytes.CopyTo(target[MappedIPv4Prefix.Length..]);
                break;
            case NetworkId.IPv6:
                Bytes.CopyTo(target);
                break;
            case NetworkId.Internal:
                InternalPrefix.CopyTo(target);
                Bytes.CopyTo(target[InternalPrefix.Length..]);
                break;
        }
    }

    /// <summary>.NET's form of an IPv4 or IPv6 address.</summary>
    /// <exception cref="InvalidOperationException">The address is on another network.</exception>
    public IPAddress ToIPAddress() => IsIP
        ? new IPAddress(Bytes)
        : throw new InvalidOperationException($"{Network} addresses have no IP form.");

    /// <summary>True when <see cref="WriteV1"/> keeps the whole address.</summary>
    public bool IsV1Compatible => Network is not (NetworkId.TorV3 or NetworkId.I2P or NetworkId.Cjdns);

    /// <summary>The length in bytes of an address of a network; 0 for one without addresses.</summary>
    public static int LengthOf(NetworkId network) => network switch
    {
        NetworkId.IPv4 => IPv4Length,
        NetworkId.IPv6 or NetworkId.Cjdns => IPv6Length,
        NetworkId.TorV3 or NetworkId.I2P => MaxLength,
        NetworkId.Internal => InternalLength,
        _ => 0,
    };

    /// <summary>True for the networks of BIP155 that this program stores and relays.</summary>
    public static bool IsKnown(NetworkId network) => network
        is NetworkId.IPv4 or NetworkId.IPv6 or NetworkId.TorV3 or NetworkId.I2P or NetworkId.Cjdns;

    /// <inheritdoc/>
    public bool Equals(NetAddress other) => Network == other.Network && Bytes.SequenceEqual(other.Bytes);

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is NetAddress other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Network);
        hash.AddBytes(Bytes);
        return hash.ToHashCode();
    }

    /// <summary>Same network and bytes.</summary>
    public static bool operator ==(NetAddress left, NetAddress right) => left.Equals(right);

    /// <summary>Different network or bytes.</summary>
    public static bool operator !=(NetAddress left, NetAddress right) => !left.Equals(right);

    private static NetAddress FromIPv6Bytes(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.ContainsAnyExcept((byte)0))
            return None;
        return bytes.StartsWith(InternalPrefix)
            ? new NetAddress(NetworkId.Internal, bytes[InternalPrefix.Length..])
            : new NetAddress(NetworkId.IPv6, bytes);
    }

    [InlineArray(MaxLength)]
    private struct Bytes32
    {
        private byte _first;
    }
}
