using System.Runtime.InteropServices;

namespace Logos.P2P.AddrMan;

/// <summary>
/// The addresses that answered but whose place in the tried table another has, in the order in which they came. Kept in
/// memory only: after a restart they answer again or they do not.
/// </summary>
internal sealed class TriedCollisions
{
    private readonly List<KnownAddress> _waiting = new(AddrManParameters.MaxTriedCollisions);

    public ReadOnlySpan<KnownAddress> Waiting => CollectionsMarshal.AsSpan(_waiting);

    public bool Contains(KnownAddress address) => _waiting.Contains(address);

    /// <summary>Lets an address wait. Nothing happens when it does already, or when there are enough.</summary>
    public void TryAdd(KnownAddress address)
    {
        if (_waiting.Count < AddrManParameters.MaxTriedCollisions && !Contains(address))
            _waiting.Add(address);
    }

    /// <summary>The address moved to tried, was forgotten, or has lost.</summary>
    public void Remove(KnownAddress address) => _waiting.Remove(address);
}
