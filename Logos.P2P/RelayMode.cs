namespace Logos.P2P;

/// <summary>How messages are relayed. All of them work together in one network. <c>-relay</c>.</summary>
public enum RelayMode
{
    /// <summary>A learned tree for each origin: the delay of <see cref="Push"/> at about one copy a node. The default.</summary>
    Tree,

    /// <summary>Three learned parents for each node, whatever the origin: about three copies.</summary>
    Eager,

    /// <summary>Everything to everybody at once: as many copies as a node has peers.</summary>
    Push,

    /// <summary>Announcements to everybody, and payloads to those who ask: one copy, at three times the delay.</summary>
    Inv,
}
