using Logos.P2P.Wire;

namespace Logos.P2P.Storage;

/// <summary>A peer to come back to first after a restart.</summary>
/// <param name="Endpoint">Where it listens.</param>
/// <param name="Services">What it offered.</param>
internal readonly record struct Anchor(NetEndpoint Endpoint, Services Services);
