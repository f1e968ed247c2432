namespace Logos.P2P.Testnet.Proxy;

/// <summary>All links of a network, and what is done to them.</summary>
internal sealed class LinkProxy : IDisposable
{
    private readonly DelayClock _clock = new();
    private readonly List<ProxiedLink> _links = [];

    /// <summary>Listens on every link.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">A port is taken.</exception>
    public LinkProxy(IEnumerable<LinkPlan> plans, int seed)
    {
        var random = new Random(seed);
        foreach (LinkPlan plan in plans)
            _links.Add(new ProxiedLink(plan, _clock, new Random(random.Next())));
    }

    public IReadOnlyList<LinkStatus> Do(ProxyRequest request)
    {
        switch (request.Action)
        {
            case ProxyAction.Shape:
                foreach (ProxiedLink link in Meant(request))
                {
                    link.Conditions = link.Conditions with
                    {
                        Delay = TimeSpan.FromMilliseconds(request.DelayMs),
                        Jitter = TimeSpan.FromMilliseconds(request.JitterMs),
                        BytesPerSecond = request.BytesPerSecond,
                    };
                }

                break;
            case ProxyAction.Partition or ProxyAction.Heal:
                foreach (ProxiedLink link in _links)
                    link.Conditions = link.Conditions with { IsCut = IsBetweenSides(link, request.Sides) };
                break;
            case ProxyAction.Reset:
                foreach (ProxiedLink link in Meant(request))
                    link.Reset();
                break;
        }

        return [.. _links.Select(link => link.GetStatus())];
    }

    public void Dispose()
    {
        foreach (ProxiedLink link in _links)
            link.Dispose();
        _clock.Dispose();
    }

    private IEnumerable<ProxiedLink> Meant(ProxyRequest request) => _links.Where(link =>
        (request.Node is not { } node || link.Ends.From == node || link.Ends.To == node)
        && (request.OtherNode is not { } other || link.Ends.From == other || link.Ends.To == other));

    private static bool IsBetweenSides(ProxiedLink link, IReadOnlyList<IReadOnlyList<int>> sides)
    {
        IReadOnlyList<int>? one = sides.FirstOrDefault(side => side.Contains(link.Ends.From));
        IReadOnlyList<int>? other = sides.FirstOrDefault(side => side.Contains(link.Ends.To));
        return one is not null && other is not null && one != other;
    }
}
