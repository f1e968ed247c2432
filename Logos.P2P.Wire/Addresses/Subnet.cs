using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Logos.P2P.Wire;

/// <summary>
/// A host, or all hosts whose addresses begin with the same bits. A value: no allocation, compared by what it contains. A
/// CJDNS address is routed as IPv6 and counts as that here, so that a peer is found whichever way it came. A Tor or I2P
/// address is one by itself: their networks have no subnets.
/// </summary>
public readonly record struct Subnet
{
    private Subnet(NetworkId network, NetAddress first, int prefixLength)
    {
        Network = network;
        First = first;
        PrefixLength = prefixLength;
    }

    /// <summary>The network its addresses are on; <see cref="NetworkId.None"/> for the subnet of nothing.</summary>
    public NetworkId Network { get; }

    /// <summary>
    /// Its first address: the bits that all have in common, and zeros. <see cref="NetAddress.None"/> when they are all zero
    /// in IPv6, which is no host's address.
    /// </summary>
    public NetAddress First { get; }

    /// <summary>How many bits all its addresses have in common.</summary>
    public int PrefixLength { get; }

    /// <summary>Whether it is one host.</summary>
    public bool IsSingle => PrefixLength == LengthOf(Network);

    /// <summary>The subnet of one host; that of nothing for <see cref="NetAddress.None"/> and internal names.</summary>
    public static Subnet Of(NetAddress address) =>
        TryCreate(address, LengthOf(address.Network), out Subnet subnet) ? subnet : default;

    /// <summary>The subnet that an address is in. Bits behind the prefix do not matter.</summary>
    /// <param name="address">The address.</param>
    /// <param name="prefixLength">Bits that all addresses of the subnet have in common.</param>
    /// <param name="subnet">The subnet.</param>
    /// <returns>False when the network has no such subnets.</returns>
    public static bool TryCreate(NetAddress address, int prefixLength, out Subnet subnet) =>
        TryCreate(address.Network, address.Bytes, prefixLength, out subnet);

    /// <summary>The subnet that an address is in, from the address's bytes. Bits behind the prefix do not matter.</summary>
    /// <param name="network">The network.</param>
    /// <param name="bytes">The address; all zero is a good beginning of an IPv6 subnet.</param>
    /// <param name="prefixLength">Bits that all addresses of the subnet have in common.</param>
    /// <param name="subnet">The subnet.</param>
    /// <returns>False when the length does not fit the network, or the network has no such subnets.</returns>
    public static bool TryCreate(NetworkId network, ReadOnlySpan<byte> bytes, int prefixLength, out Subnet subnet)
    {
        subnet = default;
        if (network == NetworkId.Cjdns)
            network = NetworkId.IPv6;
        bool hasBlocks = network is NetworkId.IPv4 or NetworkId.IPv6;
        if (!NetAddress.IsKnown(network)
            || bytes.Length != NetAddress.LengthOf(network)
            || prefixLength < 0 || prefixLength > LengthOf(network)
            || (!hasBlocks && prefixLength < LengthOf(network)))
        {
            return false;
        }

        Span<byte> masked = stackalloc byte[NetAddress.MaxLength];
        masked = masked[..bytes.Length];
        bytes.CopyTo(masked);
        for (int i = 0; i < masked.Length; i++)
            masked[i] &= (byte)(0xFF00 >> Math.Clamp(prefixLength - (8 * i), 0, 8));
        if (!NetAddress.TryCreate(network, masked, out NetAddress first)
            || first.Network is NetworkId.Internal
            || (first == NetAddress.None && prefixLength == LengthOf(network)))
        {
            return false;
        }

        subnet = new Subnet(network, first, prefixLength);
        return true;
    }

    /// <summary>
    /// Reads an address (<see cref="NetAddress.TryParse"/>), alone or with a slash and the number of bits that count:
    /// `192.0.2.7`, `192.0.2.0/24`, `2001:db8::/32`. Bits behind those are taken for zero.
    /// </summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Subnet subnet)
    {
        subnet = default;
        if (text is null)
            return false;
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!NetAddress.TryParse(slash < 0 ? text : text[..slash], out NetAddress address))
            return false;

        // The text `::` names no host, but is a good beginning.
        NetworkId network = address == NetAddress.None ? NetworkId.IPv6 : address.Network;
        int prefixLength = LengthOf(network);
        if (slash >= 0
            && (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out prefixLength)
                || text[^1] == '\0'))
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[NetAddress.MaxLength];
        bytes.Clear();
        address.Bytes.CopyTo(bytes);
        return TryCreate(network, bytes[..NetAddress.LengthOf(network)], prefixLength, out subnet);
    }

    /// <summary>Reads a subnet; see <see cref="TryParse"/>.</summary>
    /// <exception cref="FormatException">The text is none; the message says what would be.</exception>
    public static Subnet Parse(string text) => TryParse(text, out Subnet subnet)
        ? subnet
        : throw new FormatException(
            $"'{text}' is not an address or subnet; write 192.0.2.7, 192.0.2.0/24, 2001:db8::/32 or an .onion or .b32.i2p name.");

    /// <summary>Whether an address is in it.</summary>
    public bool Contains(in NetAddress address) =>
        TryCreate(address, PrefixLength, out Subnet around) && around == this;

    /// <summary>As <see cref="TryParse"/> reads it, with the number of bits where the network has subnets.</summary>
    public override string ToString() => Network is NetworkId.TorV3 or NetworkId.I2P
        ? First.ToString()
        : string.Create(CultureInfo.InvariantCulture, $"{First}/{PrefixLength}");

    private static int LengthOf(NetworkId network) => 8 * NetAddress.LengthOf(network);
}
