namespace Logos.P2P.Native;

/// <summary>What the functions of the library answer when they cannot do what they are for: LOGOS_P2P_E_... of the header.</summary>
internal enum Result
{
    /// <summary>It was done.</summary>
    Ok = 0,

    /// <summary>An argument cannot be used.</summary>
    Argument = -1,

    /// <summary>The handle is null, or of a node that was freed.</summary>
    Handle = -2,

    /// <summary>Not at this time of the node's life.</summary>
    State = -3,

    /// <summary>An option cannot be used.</summary>
    Option = -4,

    /// <summary>The system would not: a port, a file, the host's storage.</summary>
    Io = -5,

    /// <summary>Not from within a callback.</summary>
    InCallback = -6,

    /// <summary>There is no room for more.</summary>
    Full = -7,

    /// <summary>A fault of the library.</summary>
    Internal = -8,
}
