using Logos.P2P.Wire;

namespace Logos.P2P.AddrMan;

/// <summary>
/// For `-privatenet`: private addresses, whose prefixes tell nothing about who is who, are each a group of their own;
/// all others are grouped by prefix.
/// </summary>
public sealed class PrivateNetGrouping : INetGrouping
{
    private PrivateNetGrouping()
    {
    }

    /// <summary>The one instance; it has no state.</summary>
    public static PrivateNetGrouping Instance { get; } = new();

    /// <inheritdoc/>
    public NetGroup GroupOf(in NetEndpoint endpoint) => endpoint.Address.IsPrivate
        ? EndpointGrouping.Instance.GroupOf(endpoint)
        : PrefixGrouping.Instance.GroupOf(endpoint);
}
