namespace Logos.P2P.Wire;

/// <summary>What a payload turned out to be.</summary>
public enum DecodeStatus
{
    /// <summary>Understood.</summary>
    Ok,

    /// <summary>
    /// The bytes end early, or a field is not in its only valid form. The message is dropped and counted,
    /// except in a handshake, where its sender is disconnected.
    /// </summary>
    Malformed,

    /// <summary>More entries than the command allows. Its sender is disconnected and discouraged.</summary>
    TooMany,
}
