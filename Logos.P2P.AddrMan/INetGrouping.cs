using Logos.P2P.Wire;

namespace Logos.P2P.AddrMan;

/// <summary>Decides which endpoints count as one party's.</summary>
public interface INetGrouping
{
    /// <summary>The group of an endpoint. Pure and quick: it is called while a lock is held.</summary>
    /// <param name="endpoint">The endpoint; port 0 when only the address matters, as for a source of addresses.</param>
    NetGroup GroupOf(in NetEndpoint endpoint);
}
