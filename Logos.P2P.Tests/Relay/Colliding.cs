using Logos.P2P.Wire;

namespace Logos.P2P.Tests.Relay;

/// <summary>Two messages that have the same short id, which 33 million trials have found.</summary>
internal static class Colliding
{
    /// <summary>Under this key, that of SipHash's own vectors.</summary>
    public static readonly ShortIdKey Key = new(0x0706050403020100, 0x0f0e0d0c0b0a0908);

    public static readonly ShortId Name = new(0x566eae33ff30);

    public static readonly byte[] One = [0xdf, 0xa3, 0xa0, 0x00];

    public static readonly byte[] Other = [0x35, 0xb8, 0x7b, 0x00];
}
