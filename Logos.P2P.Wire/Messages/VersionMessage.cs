using System.Text;

namespace Logos.P2P.Wire;

/// <summary>
/// `version`: who a node is. Bitcoin's layout; the sender's own address is always written as zero so that it does not
/// leak, and is read and ignored.
/// </summary>
public sealed record VersionMessage
{
    /// <summary>The protocol version the sender speaks.</summary>
    public required int ProtocolVersion { get; init; }

    /// <summary>What the sender offers.</summary>
    public required Services Services { get; init; }

    /// <summary>The sender's clock, in Unix seconds.</summary>
    public required long Time { get; init; }

    /// <summary>The receiver as the sender sees it.</summary>
    public required NetEndpoint Receiver { get; init; }

    /// <summary>A random number that lets a node recognise a connection to itself.</summary>
    public required ulong Nonce { get; init; }

    /// <summary>
    /// The sender's software, at most <see cref="WireLimits.MaxUserAgent"/> bytes, one char a byte. Chosen by a
    /// stranger: see <see cref="SanitizedUserAgent"/>.
    /// </summary>
    public required string UserAgent { get; init; }

    /// <summary>A block height in Bitcoin; 0 here.</summary>
    public int StartHeight { get; init; }

    /// <summary>Whether the sender wants messages relayed to it; true here.</summary>
    public bool Relay { get; init; } = true;

    /// <summary>
    /// The user agent with everything removed that could upset a log or a terminal: letters, digits and
    /// <c> .,;-_/:?@()</c> stay. Bitcoin Core's rule.
    /// </summary>
    public string SanitizedUserAgent =>
        string.Concat(UserAgent.Where(c => char.IsAsciiLetterOrDigit(c) || " .,;-_/:?@()".Contains(c)));

    /// <summary>Reads a payload. Bytes after the last known field are left to future versions.</summary>
    public static DecodeStatus TryRead(ReadOnlySpan<byte> payload, out VersionMessage? message)
    {
        message = null;
        var reader = new WireReader(payload);
        bool ok = reader.TryReadInt32(out int version)
            & reader.TryReadUInt64(out ulong services)
            & reader.TryReadInt64(out long time)
            & reader.TryReadUInt64(out _)
            & AddressCodec.TryReadV1(ref reader, out NetEndpoint receiver)
            & reader.TryReadUInt64(out _)
            & AddressCodec.TryReadV1(ref reader, out _)
            & reader.TryReadUInt64(out ulong nonce)
            & reader.TryReadVarBytes(WireLimits.MaxUserAgent, out ReadOnlySpan<byte> userAgent)
            & reader.TryReadInt32(out int startHeight);
        if (!ok)
            return DecodeStatus.Malformed;

        message = new VersionMessage
        {
            ProtocolVersion = version,
            Services = (Services)services,
            Time = time,
            Receiver = receiver,
            Nonce = nonce,
            UserAgent = Encoding.Latin1.GetString(userAgent),
            StartHeight = startHeight,
            Relay = !reader.TryReadByte(out byte relay) || relay != 0,
        };
        return DecodeStatus.Ok;
    }

    /// <summary>The exact size of the payload in bytes.</summary>
    public int GetSize() =>
        4 + 8 + 8 + (2 * (8 + AddressCodec.V1EndpointSize)) + 8
        + WireWriter.CompactSizeLength((ulong)UserAgent.Length) + UserAgent.Length + 4 + 1;

    /// <summary>Writes the payload.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The user agent is longer than a peer would read.</exception>
    public void Write(Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(UserAgent.Length, WireLimits.MaxUserAgent, nameof(UserAgent));
        var writer = new WireWriter(destination);
        writer.WriteInt32(ProtocolVersion);
        writer.WriteUInt64((ulong)Services);
        writer.WriteInt64(Time);
        writer.WriteUInt64((ulong)Services.None);
        AddressCodec.WriteV1(ref writer, Receiver);
        writer.Take(8 + AddressCodec.V1EndpointSize).Clear();
        writer.WriteUInt64(Nonce);
        writer.WriteCompactSize((ulong)UserAgent.Length);
        Encoding.Latin1.GetBytes(UserAgent, writer.Take(UserAgent.Length));
        writer.WriteInt32(StartHeight);
        writer.WriteByte(Relay ? (byte)1 : (byte)0);
    }
}
