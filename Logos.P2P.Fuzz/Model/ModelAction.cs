namespace Logos.P2P.Fuzz.Model;

/// <summary>What somebody does in a conversation.</summary>
internal enum ActionKind
{
    Connect,
    Version,
    Verack,
    SendAddrV2,
    Feature,
    Ping,
    Pong,
    GetAddr,
    Addresses,
    Inventory,
    GetData,
    NotFound,
    Logos,
    Direct,
    Unknown,
    WrongMagic,
    BadChecksum,
    BadCommand,
    Have,
    Want,
    RelayWord,
    ChunkWord,
    TooLarge,
    Leave,
    Pause,
    Propagate,
    Report,
}

/// <summary>One step of a conversation. It means something whatever came before it, so steps can be left out.</summary>
/// <param name="Kind">What.</param>
/// <param name="Peer">By whom; 0 is the peer that the node dials itself.</param>
/// <param name="Item">About which message.</param>
/// <param name="Variant">In which way: 0 is the good one mostly.</param>
internal readonly record struct ModelAction(ActionKind Kind, int Peer, int Item, int Variant)
{
    /// <summary>As it is given back to the command line.</summary>
    public override string ToString() => $"{Kind}({Peer},{Item},{Variant})";
}
