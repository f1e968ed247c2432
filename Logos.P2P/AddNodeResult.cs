namespace Logos.P2P;

/// <summary>What came of a wish to stay connected to a peer.</summary>
public enum AddNodeResult
{
    /// <summary>It is dialled until it answers, and again when it is lost.</summary>
    Added,

    /// <summary>It was added before, written just so.</summary>
    AlreadyAdded,

    /// <summary>There are <see cref="NodeDefaults.ManualConnections"/> such peers: remove some.</summary>
    ListFull,
}
