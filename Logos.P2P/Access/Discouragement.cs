using Logos.P2P.Wire;

namespace Logos.P2P.Access;

/// <summary>
/// Remembers, in memory, the hosts that broke a rule: they are not dialled, their address is not passed on, and they
/// are the first to be refused when inbound slots run short. Ports do not matter.
/// </summary>
/// <remarks>
/// Two generations of fixed size: when the young one is full it becomes the old one, so the latest offenders are always
/// remembered and memory never grows.
/// </remarks>
internal sealed class Discouragement
{
    private readonly Lock _gate = new();
    private HashSet<NetAddress> _young = [];
    private HashSet<NetAddress> _old = [];

    public void Add(in NetAddress address)
    {
        lock (_gate)
        {
            if (_young.Contains(address))
                return;
            if (_young.Count >= NodeDefaults.DiscouragedPerGeneration)
                (_old, _young) = (_young, []);
            _young.Add(address);
        }
    }

    public bool Contains(in NetAddress address)
    {
        lock (_gate)
            return _young.Contains(address) || _old.Contains(address);
    }

    /// <summary>Whether a reason for disconnecting says something bad about the peer itself.</summary>
    public static bool IsDeservedBy(DisconnectReason reason) => reason
        is DisconnectReason.WrongMagic
        or DisconnectReason.Oversize
        or DisconnectReason.HandshakeViolation
        or DisconnectReason.TooManyAddresses
        or DisconnectReason.TooMuchInventory
        or DisconnectReason.RejectedMessage
        or DisconnectReason.WrongChunkList;
}
