using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Logos.P2P.Wire;

/// <summary>The text of an address: dotted IPv4, RFC 5952 IPv6, `.onion` and `.b32.i2p` names.</summary>
public readonly partial struct NetAddress
{
    private const string OnionSuffix = ".onion";
    private const string I2PSuffix = ".b32.i2p";
    private const int OnionChecksumLength = 2;
    private const byte OnionVersion = 3;
    private const int OnionNameLength = MaxLength + OnionChecksumLength + 1;

    /// <summary>
    /// Reads an address as <see cref="ToString"/> writes it. Names that need a resolver are refused, and so is IPv6 that
    /// can be no host: Tor v2 wrapped in it, and internal names. `::` is read as <see cref="None"/>.
    /// </summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out NetAddress address)
    {
        address = default;
        if (string.IsNullOrEmpty(text))
            return false;
        if (text.EndsWith(OnionSuffix, StringComparison.OrdinalIgnoreCase))
            return TryParseOnion(text.AsSpan()[..^OnionSuffix.Length], out address);
        if (text.EndsWith(I2PSuffix, StringComparison.OrdinalIgnoreCase))
            return TryParseI2P(text.AsSpan()[..^I2PSuffix.Length], out address);
        if (!IPAddress.TryParse(text, out IPAddress? ip) || !IsPlainIP(text, ip))
            return false;

        address = From(ip);
        if (address.Network == NetworkId.Internal || (address == None && !ip.Equals(IPAddress.IPv6Any)))
        {
            address = default;
            return false;
        }

        // CJDNS has no text of its own: it is written as the IPv6 address that it is routed as.
        if (address.Network == NetworkId.IPv6 && address.Bytes[0] == 0xFC)
            address = new NetAddress(NetworkId.Cjdns, address.Bytes);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Network switch
    {
        NetworkId.None => "::",
        NetworkId.IPv4 or NetworkId.IPv6 or NetworkId.Cjdns => new IPAddress(Bytes).ToString(),
        NetworkId.TorV3 => OnionName(),
        NetworkId.I2P => Base32.Encode(Bytes) + I2PSuffix,
        _ => Convert.ToHexStringLower(Bytes) + ".internal",
    };

    /// <summary>
    /// .NET's parser takes more than addresses: "1" and "0x7f.1" for IPv4, "[::1]:80" and scope ids for IPv6. Only the
    /// plain four-part and bracket-free forms name a peer.
    /// </summary>
    private static bool IsPlainIP(string text, IPAddress ip)
    {
        if (ip.AddressFamily != AddressFamily.InterNetwork)
            return text.AsSpan().IndexOfAny('[', '%', '/') < 0;

        int parts = 0;
        foreach (Range part in text.AsSpan().Split('.'))
        {
            ReadOnlySpan<char> digits = text.AsSpan(part);
            bool plain = byte.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out _)
                && (digits.Length == 1 || digits[0] != '0');
            if (!plain)
                return false;
            parts++;
        }

        return parts == IPv4Length;
    }

    private static bool TryParseI2P(ReadOnlySpan<char> name, out NetAddress address)
    {
        Span<byte> hash = stackalloc byte[MaxLength];
        bool ok = Base32.TryDecode(name, hash);
        address = ok ? new NetAddress(NetworkId.I2P, hash) : default;
        return ok;
    }

    private static bool TryParseOnion(ReadOnlySpan<char> name, out NetAddress address)
    {
        address = default;
        Span<byte> decoded = stackalloc byte[OnionNameLength];
        if (!Base32.TryDecode(name, decoded) || decoded[^1] != OnionVersion)
            return false;

        ReadOnlySpan<byte> key = decoded[..MaxLength];
        Span<byte> checksum = stackalloc byte[OnionChecksumLength];
        OnionChecksum(key, checksum);
        if (!checksum.SequenceEqual(decoded.Slice(MaxLength, OnionChecksumLength)))
            return false;

        address = new NetAddress(NetworkId.TorV3, key);
        return true;
    }

    private string OnionName()
    {
        Span<byte> name = stackalloc byte[OnionNameLength];
        Bytes.CopyTo(name);
        OnionChecksum(Bytes, name.Slice(MaxLength, OnionChecksumLength));
        name[^1] = OnionVersion;
        return Base32.Encode(name) + OnionSuffix;
    }

    /// <summary>
    /// The Tor rendezvous specification, "Encoding onion addresses": the first two bytes of
    /// SHA3-256(".onion checksum" || public key || version).
    /// </summary>
    private static void OnionChecksum(ReadOnlySpan<byte> key, Span<byte> checksum)
    {
        ReadOnlySpan<byte> label = ".onion checksum"u8;
        Span<byte> input = stackalloc byte[label.Length + MaxLength + 1];
        label.CopyTo(input);
        key.CopyTo(input[label.Length..]);
        input[^1] = OnionVersion;
        Span<byte> hash = stackalloc byte[Sha3.HashSize];
        Sha3.Hash(input, hash);
        hash[..checksum.Length].CopyTo(checksum);
    }
}
