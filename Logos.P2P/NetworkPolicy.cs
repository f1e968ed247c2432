using Logos.P2P.AddrMan;
using Logos.P2P.Wire;

namespace Logos.P2P;

/// <summary>What differs between the networks besides their magic: which addresses count, and how patient to be.</summary>
internal sealed class NetworkPolicy
{
    /// <summary>Bitcoin Core tells its own address once a day.</summary>
    public static readonly TimeSpan SelfAdvertisementMean = TimeSpan.FromHours(24);

    private readonly bool _acceptsPrivate;

    /// <param name="network">The network.</param>
    /// <param name="privateNet">Whether private addresses count as reachable.</param>
    /// <param name="asmap">Groups addresses by who announces them, where it knows; null to go by prefix.</param>
    public NetworkPolicy(P2PNetwork network, bool privateNet, Asmap? asmap = null)
    {
        Network = network;
        Asmap = asmap;
        bool isRegtest = network == P2PNetwork.Regtest;
        _acceptsPrivate = isRegtest || privateNet;
        (Grouping, GroupingName) = (isRegtest, privateNet) switch
        {
            (true, _) => ((INetGrouping)EndpointGrouping.Instance, "endpoint"),
            (_, true) => (PrivateNetGrouping.Instance, "private"),
            _ => (PrefixGrouping.Instance, "prefix"),
        };
        if (asmap is not null)
        {
            Grouping = new AsmapGrouping(asmap, unmapped: Grouping);
            GroupingName += $"+asmap:{asmap.Version}";
        }

        KeepsAnswers = !isRegtest;
        AddressFlushMean = isRegtest ? TimeSpan.FromMilliseconds(200) : TimeSpan.FromSeconds(30);
        SelfAdvertisementFirst = isRegtest ? TimeSpan.FromMilliseconds(500) : SelfAdvertisementMean;
        RelayPeriodSeconds = isRegtest ? 1 : (long)SelfAdvertisementMean.TotalSeconds;
        AddressFlushInterval = isRegtest ? NodeDefaults.TriedFlushInterval : NodeDefaults.AddressFlushInterval;
    }

    public P2PNetwork Network { get; }

    /// <summary>Who announces an address; null when neighbourhoods go by prefix.</summary>
    public Asmap? Asmap { get; }

    /// <summary>
    /// What counts as one neighbourhood. On regtest everything is on one machine, so every ip:port is its own, and so is
    /// every private one where those are accepted.
    /// </summary>
    public INetGrouping Grouping { get; }

    /// <summary>Names the grouping in the store: under another one every address belongs elsewhere.</summary>
    public string GroupingName { get; }

    /// <summary>
    /// Mean wait before addresses are passed on. Bitcoin Core's 30 s hides who told whom; on regtest that is of no
    /// interest and tests want to see gossip at work.
    /// </summary>
    public TimeSpan AddressFlushMean { get; }

    /// <summary>
    /// Mean wait before our own address is told to a peer again. It doubles each time up to
    /// <see cref="SelfAdvertisementMean"/>. On regtest it starts low, so that a network of five comes to know itself.
    /// </summary>
    public TimeSpan SelfAdvertisementFirst { get; }

    /// <summary>
    /// How long the peers that an address is passed on to stay the same: on the live networks a day, so that repeating an
    /// address does not spread it.
    /// </summary>
    public long RelayPeriodSeconds { get; }

    /// <summary>Whether an answer to `getaddr` stays the same for a day.</summary>
    public bool KeepsAnswers { get; }

    /// <summary>Longest wait before changes of the address book are written.</summary>
    public TimeSpan AddressFlushInterval { get; }

    /// <summary>Whether an address is worth storing and passing on in this network.</summary>
    public bool IsRoutable(NetAddress address)
    {
        if (address.IsRoutable)
            return true;
        if (!_acceptsPrivate)
            return false;
        return Network == P2PNetwork.Regtest
            ? address.IsLocal || address.IsPrivate || address.IsDocumentation
            : address.IsPrivate;
    }

    /// <summary>Whether an endpoint is worth storing: it needs a port as well, except on I2P, which has none.</summary>
    public bool IsStorable(NetEndpoint endpoint) =>
        IsRoutable(endpoint.Address) && endpoint.HasItsPort;

    /// <summary>
    /// Whether an address may be told to a peer. Private ones stay among peers that are private themselves: others could
    /// not use them, and would learn how our site is built.
    /// </summary>
    public bool MayTell(NetAddress address, NetAddress peer) =>
        IsRoutable(address) && (address.IsRoutable || !peer.IsRoutable);
}
