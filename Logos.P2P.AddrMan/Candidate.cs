using Logos.P2P.Wire;

namespace Logos.P2P.AddrMan;

/// <summary>An address drawn to be dialled.</summary>
/// <param name="Address">The address.</param>
/// <param name="LastTry">When we last tried to connect to it, in Unix seconds; 0 for never.</param>
public readonly record struct Candidate(TimedAddress Address, long LastTry);
