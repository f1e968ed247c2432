using Logos.P2P.Wire;

namespace Logos.P2P.Relay;

/// <summary>Who brought a message first, as far as it takes to blame him, which may be when he has left.</summary>
/// <param name="PeerId">The peer; 0 for ourselves.</param>
/// <param name="Address">Where it is.</param>
/// <param name="IsExempt">Whether it is not punished.</param>
internal readonly record struct Deliverer(long PeerId, NetAddress Address, bool IsExempt);
