namespace Logos.P2P.Wire;

/// <summary>The network an address belongs to. Values 1 to 6 are the network ids of BIP155.</summary>
public enum NetworkId : byte
{
    /// <summary>No address: what the all-zero IPv6 address stands for.</summary>
    None = 0,

    /// <summary>IPv4, 4 bytes.</summary>
    IPv4 = 1,

    /// <summary>IPv6, 16 bytes.</summary>
    IPv6 = 2,

    /// <summary>Tor v3 onion service, 32 bytes of public key. (Id 3, Tor v2, no longer exists and is skipped.)</summary>
    TorV3 = 4,

    /// <summary>I2P, 32 bytes: the SHA-256 hash of the destination.</summary>
    I2P = 5,

    /// <summary>CJDNS, 16 bytes that start with fc.</summary>
    Cjdns = 6,

    /// <summary>
    /// Not an address but the name of something that gave us addresses (a DNS seed), hashed to 10 bytes. It gives each
    /// such source a group of its own in the address manager. Never dialled, never relayed.
    /// </summary>
    Internal = 0xFF,
}
