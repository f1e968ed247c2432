namespace Logos.P2P.Wire;

/// <summary>
/// Versions of the protocol. Extensions are negotiated by `feature`, never by raising the version, so this list is
/// meant to stay this short.
/// </summary>
public static class ProtocolVersion
{
    /// <summary>Knows `sendaddrv2` (BIP155). The smallest version we talk to: there are no older Logos nodes.</summary>
    public const int Minimum = 70016;

    /// <summary>Knows `feature` (BIP434). Ours.</summary>
    public const int Current = 70017;
}
