using Logos.P2P.Wire;

namespace Logos.P2P;

/// <summary>An address of this node that peers may be told.</summary>
/// <param name="Endpoint">The address.</param>
/// <param name="Score">How sure the node is of it: Bitcoin Core's numbers, and one more for each peer that dialled it there.</param>
public readonly record struct OwnAddress(NetEndpoint Endpoint, long Score);
