using Logos.P2P.AddrMan;
using Logos.P2P.Wire;

namespace Logos.P2P;

/// <summary>What operators look at and steer; the upper layer needs none of it.</summary>
public sealed partial class P2PNode
{
    /// <summary>Whether there are to be connections at all: see <see cref="SetNetworkActive"/>. False when the node does not run.</summary>
    public bool IsNetworkActive => _running?.IsActive ?? false;

    /// <summary>
    /// Ends all connections and has no others: none is dialled, and those that are accepted are closed at once. Or has them again.
    /// The addresses listened on stay open meanwhile.
    /// </summary>
    /// <exception cref="InvalidOperationException">The node does not run.</exception>
    public void SetNetworkActive(bool isActive) => Running.SetActive(isActive);

    /// <summary>The peers of <see cref="AddNode"/>, <see cref="P2POptions.AddNodes"/> and <see cref="P2POptions.Connect"/>.</summary>
    public IReadOnlyList<AddedNode> GetAddedNodes() => _running?.ManualPeers.List() ?? [];

    /// <summary>The addresses of this node that peers may be told.</summary>
    public IReadOnlyList<OwnAddress> GetOwnAddresses() => _running?.Local.List() ?? [];

    /// <summary>How far the upload target of a day has been used; of no target when the node does not run.</summary>
    public UploadTargetInfo GetUploadTarget() => _running?.UploadTarget.Info ?? default;

    /// <summary>How many addresses of a network the address book holds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No address can be on that network.</exception>
    public NetworkCount CountAddresses(NetworkId network) => _running?.Book.CountOf(network) ?? default;

    /// <summary>
    /// Draws addresses from the address book, in random order, none that seems dead or whose host is banned or discouraged.
    /// </summary>
    /// <param name="count">The most to return.</param>
    /// <param name="network">The network they are to be on; null for any.</param>
    public IReadOnlyList<TimedAddress> GetAddresses(int count, NetworkId? network = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return _running is { } running
            ? [.. running.Book.GetAddresses(count, network: network).Where(address => !running.IsUnwanted(address.Endpoint.Address))]
            : [];
    }

    /// <summary>The two tables of the address book: who is at which place.</summary>
    public IReadOnlyList<AddressPlace> GetAddressTables() => _running?.Book.GetPlaces() ?? [];

    /// <summary>Puts an address into the address book as if its own host had told it now.</summary>
    /// <param name="endpoint">The address.</param>
    /// <param name="tried">Whether to treat it as one that has answered.</param>
    /// <returns>False when it is there already, is not routable, or has no place.</returns>
    /// <exception cref="InvalidOperationException">The node does not run.</exception>
    public bool AddAddress(NetEndpoint endpoint, bool tried = false)
    {
        RunningNode running = Running;
        long now = _environment.TimeProvider.GetUtcNow().ToUnixTimeSeconds();
        bool isAdded = running.IsStorable(endpoint)
            && running.Book.Add([new TimedAddress(endpoint, Services.Logos, (uint)now)], endpoint.Address) > 0;
        return isAdded && (!tried || running.Book.Good(endpoint, now));
    }

    /// <summary>The autonomous system that announces an address; 0 when it is not known, or there is no map (<see cref="P2POptions.AsmapFile"/>).</summary>
    public uint GetAutonomousSystem(NetAddress address) => _running?.Asmap?.AsnOf(address) ?? 0;
}
