using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Logos.P2P.Wire;

/// <summary>A host and a TCP port: where a node listens.</summary>
/// <param name="Address">The host.</param>
/// <param name="Port">The port; 0 where the network has none (I2P) or nobody listens.</param>
public readonly record struct NetEndpoint(NetAddress Address, ushort Port)
{
    /// <summary>No endpoint: `[::]:0`.</summary>
    public static NetEndpoint None => default;

    /// <summary>True for an endpoint that can be dialled in principle: a valid address and its port.</summary>
    public bool IsValid => Address.IsValid && HasItsPort;

    /// <summary>Whether there is a port, or none is needed: I2P has none (BIP 155).</summary>
    public bool HasItsPort => Port != 0 || Address.Network == NetworkId.I2P;

    /// <summary>Makes an endpoint from .NET's.</summary>
    public static NetEndpoint From(IPEndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        return new NetEndpoint(NetAddress.From(endPoint.Address), (ushort)endPoint.Port);
    }

    /// <summary>
    /// Reads `host`, `host:port`, `[v6]` or `[v6]:port`, where host is an IP address or an `.onion` or `.b32.i2p` name.
    /// IPv6 with a port needs the brackets: without them the last group could be either. On I2P there are no ports: where none is written
    /// it is 0.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="defaultPort">The port to use when the text names none.</param>
    /// <param name="endpoint">The endpoint read.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, ushort defaultPort, out NetEndpoint endpoint)
    {
        endpoint = default;
        if (!TrySplit(text, defaultPort, out string? host, out ushort port)
            || !NetAddress.TryParse(host, out NetAddress address))
        {
            return false;
        }

        bool isPortless = address.Network == NetworkId.I2P && host.Length == text!.Length;
        endpoint = new NetEndpoint(address, isPortless ? (ushort)0 : port);
        return true;
    }

    /// <summary>Splits `host:port` without looking at what the host is, so that it may be a name for a resolver.</summary>
    /// <param name="text">The text.</param>
    /// <param name="defaultPort">The port to use when the text names none.</param>
    /// <param name="host">The host, without brackets.</param>
    /// <param name="port">The port.</param>
    public static bool TrySplit(
        [NotNullWhen(true)] string? text, ushort defaultPort, [NotNullWhen(true)] out string? host, out ushort port)
    {
        host = null;
        port = defaultPort;
        if (string.IsNullOrEmpty(text))
            return false;

        string portText = "";
        if (text[0] == '[')
        {
            int close = text.IndexOf(']', StringComparison.Ordinal);
            if (close < 0 || (close + 1 < text.Length && text[close + 1] != ':'))
                return false;
            host = text[1..close];
            portText = close + 1 < text.Length ? text[(close + 1)..] : "";
        }
        else
        {
            int colon = text.IndexOf(':', StringComparison.Ordinal);
            bool hasPort = colon >= 0 && colon == text.LastIndexOf(':');
            host = hasPort ? text[..colon] : text;
            portText = hasPort ? text[colon..] : "";
        }

        return host.Length > 0 && (portText.Length == 0 || TryParsePort(portText.AsSpan(1), out port));
    }

    /// <summary>.NET's form of an IPv4 or IPv6 endpoint.</summary>
    /// <exception cref="InvalidOperationException">The address is on another network.</exception>
    public IPEndPoint ToIPEndPoint() => new(Address.ToIPAddress(), Port);

    /// <inheritdoc/>
    public override string ToString()
    {
        string host = Address.ToString();
        if (Port == 0 && Address.Network == NetworkId.I2P)
            return host;
        return Address.Network is NetworkId.None or NetworkId.IPv6 or NetworkId.Cjdns
            ? string.Create(CultureInfo.InvariantCulture, $"[{host}]:{Port}")
            : string.Create(CultureInfo.InvariantCulture, $"{host}:{Port}");
    }

    private static bool TryParsePort(ReadOnlySpan<char> text, out ushort port)
    {
        // .NET's parser lets NULs follow the digits.
        port = 0;
        return !text.ContainsAnyExceptInRange('0', '9')
            && ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port)
            && port != 0;
    }
}
