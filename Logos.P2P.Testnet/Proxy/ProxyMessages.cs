namespace Logos.P2P.Testnet.Proxy;

/// <summary>A link as it is planned.</summary>
/// <param name="From">The node that dials.</param>
/// <param name="To">The node that is dialled.</param>
/// <param name="Port">Where the proxy listens for it.</param>
/// <param name="TargetPort">Where the dialled node listens.</param>
internal sealed record LinkPlan(int From, int To, int Port, int TargetPort);

/// <summary>A link as it is.</summary>
/// <param name="From">The node that dials.</param>
/// <param name="To">The node that is dialled.</param>
/// <param name="DelayMs">Delay each way, in milliseconds.</param>
/// <param name="JitterMs">Most additional delay, in milliseconds.</param>
/// <param name="BytesPerSecond">Bandwidth each way; 0: no limit.</param>
/// <param name="IsCut">Whether nothing passes.</param>
/// <param name="Connections">Connections there are.</param>
/// <param name="Bytes">Bytes carried, both ways.</param>
internal sealed record LinkStatus(
    int From, int To, double DelayMs, double JitterMs, long BytesPerSecond, bool IsCut, int Connections, long Bytes);

/// <summary>What the proxy is told to do; it answers with all links as they are then.</summary>
internal sealed record ProxyRequest
{
    public required ProxyAction Action { get; init; }

    /// <summary>Only links between this node and others; null: any.</summary>
    public int? Node { get; init; }

    /// <summary>With <see cref="Node"/>, only links between the two.</summary>
    public int? OtherNode { get; init; }

    public double DelayMs { get; init; }

    public double JitterMs { get; init; }

    public long BytesPerSecond { get; init; }

    /// <summary>The sides of a partition.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Sides { get; init; } = [];
}

/// <summary>What the proxy does.</summary>
internal enum ProxyAction
{
    /// <summary>Nothing but answer.</summary>
    Status,

    /// <summary>Delay and bandwidth are set.</summary>
    Shape,

    /// <summary>Links between sides are cut, all others are whole.</summary>
    Partition,

    /// <summary>All links are whole.</summary>
    Heal,

    /// <summary>Connections are broken.</summary>
    Reset,
}
