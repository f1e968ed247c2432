namespace Logos.P2P.Node.Control;

/// <summary>Why a request failed. The numbers are Bitcoin Core's.</summary>
internal enum RpcErrorCode
{
    /// <summary>The body is no JSON, or neither a request nor a list of some.</summary>
    Parse = -32700,

    /// <summary>It is no request.</summary>
    InvalidRequest = -32600,

    /// <summary>There is no such method.</summary>
    MethodNotFound = -32601,

    /// <summary>The parameters contradict each other.</summary>
    InvalidParams = -32602,

    /// <summary>Something else; also parameters too few or too many.</summary>
    Misc = -1,

    /// <summary>A parameter is of the wrong type.</summary>
    Type = -3,

    /// <summary>There is no such thing.</summary>
    NotFound = -5,

    /// <summary>A parameter has a value that cannot be.</summary>
    InvalidParameter = -8,

    /// <summary>What cannot be read as bytes.</summary>
    Deserialization = -22,

    /// <summary>The peer was added before, or the host is banned already.</summary>
    AlreadyThere = -23,

    /// <summary>The peer was not added.</summary>
    NodeNotAdded = -24,

    /// <summary>The peer is not connected.</summary>
    NodeNotConnected = -29,

    /// <summary>The text is no host or subnet, or there is no ban of it.</summary>
    InvalidIPOrSubnet = -30,
}

/// <summary>A request failed.</summary>
/// <param name="code">Why, for programs.</param>
/// <param name="message">Why, for people.</param>
internal sealed class RpcException(RpcErrorCode code, string message) : Exception(message)
{
    public RpcErrorCode Code { get; } = code;
}
