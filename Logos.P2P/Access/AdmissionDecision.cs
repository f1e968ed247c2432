namespace Logos.P2P.Access;

/// <summary>What was decided on an inbound connection. Each has a counter.</summary>
public enum AdmissionDecision
{
    /// <summary>It became a peer.</summary>
    Admitted,

    /// <summary>Its host is banned.</summary>
    Banned,

    /// <summary>Too many from the same /24 (IPv4) or /64 (IPv6) have not completed their handshake yet.</summary>
    TooManyPending,

    /// <summary>The same /24 or /64 connects too often.</summary>
    SourceTooFast,

    /// <summary>All sources together connect too often.</summary>
    AllTooFast,

    /// <summary>All slots are taken, and nobody may be evicted; or only the last is free, and the host is discouraged.</summary>
    NoSlot,
}
