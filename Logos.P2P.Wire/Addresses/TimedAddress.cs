namespace Logos.P2P.Wire;

/// <summary>An entry of `addr` and `addrv2`: where a node listens, what it offers and when it was last heard of.</summary>
/// <param name="Endpoint">Where it listens.</param>
/// <param name="Services">What it offers.</param>
/// <param name="Time">When it was last heard of, in Unix seconds. A claim of whoever sent it.</param>
public readonly record struct TimedAddress(NetEndpoint Endpoint, Services Services, uint Time);
