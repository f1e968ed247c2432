using Logos.P2P.Wire;

namespace Logos.P2P;

/// <summary>A peer that the operator wants the node to stay connected to.</summary>
/// <param name="Name">It, as he wrote it.</param>
/// <param name="Endpoint">The other end of the connection to it; null when there is none.</param>
/// <param name="IsInbound">Whether it dialled us.</param>
public sealed record AddedNode(string Name, NetEndpoint? Endpoint, bool IsInbound);
