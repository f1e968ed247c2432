namespace Logos.P2P.Wire;

/// <summary>Every bound of the wire, with where it comes from. A test asserts the relations between them.</summary>
public static class WireLimits
{
    /// <summary>Bytes of a frame header: magic 4, command 12, length 4, checksum 4.</summary>
    public const int HeaderSize = 24;

    /// <summary>Largest payload, in bytes. Bitcoin Core's MAX_PROTOCOL_MESSAGE_LENGTH.</summary>
    public const int MaxPayload = 4_000_000;

    /// <summary>
    /// Largest payload before the handshake is complete, in bytes. Nothing in a handshake is longer, and whoever has
    /// not introduced himself gets no memory. The idea is zebra's.
    /// </summary>
    public const int MaxHandshakePayload = 1024;

    /// <summary>
    /// How far the buffer of a frame may run ahead of the bytes that have arrived. A header that promises 4 MB gets
    /// memory only as it delivers. Bitcoin Core's number.
    /// </summary>
    public const int ReadAhead = 256 * 1024;

    /// <summary>Most entries of `addr` and `addrv2` (BIP155).</summary>
    public const int MaxAddresses = 1000;

    /// <summary>Most entries of `inv`, `getdata` and `notfound`. Bitcoin Core's MAX_INV_SZ.</summary>
    public const int MaxInventory = 50_000;

    /// <summary>Longest user agent, in bytes. Bitcoin Core's MAX_SUBVERSION_LENGTH.</summary>
    public const int MaxUserAgent = 256;

    /// <summary>Shortest feature id, in bytes (BIP434).</summary>
    public const int MinFeatureId = 4;

    /// <summary>Longest feature id, in bytes (BIP434).</summary>
    public const int MaxFeatureId = 80;

    /// <summary>Longest data of a feature, in bytes (BIP434).</summary>
    public const int MaxFeatureData = 512;
}
