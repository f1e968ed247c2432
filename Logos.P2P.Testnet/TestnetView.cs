using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Logos.P2P.Testnet.Graphs;
using Logos.P2P.Testnet.Measuring;
using Logos.P2P.Testnet.Processes;
using Logos.P2P.Testnet.Proxy;

namespace Logos.P2P.Testnet;

/// <summary>A node at one moment.</summary>
/// <param name="Node">Its number.</param>
/// <param name="ProcessId">Its process; null when it does not run.</param>
/// <param name="Outbound">Peers it dialled that are ready.</param>
/// <param name="OutboundWanted">How many it is to have.</param>
/// <param name="Inbound">Peers that dialled it that are ready.</param>
/// <param name="Memory">Bytes the system has given it.</param>
/// <param name="Processor">Processor time it took.</param>
internal sealed record NodeStatus(
    int Node, int? ProcessId, int Outbound, int OutboundWanted, int Inbound, long Memory, TimeSpan Processor)
{
    public bool HasItsPeers => Outbound >= OutboundWanted;
}

/// <summary>What is seen of a network by asking all its nodes.</summary>
internal sealed class TestnetView(TestnetDirectory directory, TestnetPlan plan)
{
    /// <summary>Nodes asked at once: more would only wait for each other on a small machine.</summary>
    private static readonly ParallelOptions AtOnce = new() { MaxDegreeOfParallelism = 8 };

    /// <summary>Asks a node.</summary>
    public NodeControl Control(int node) => new(plan.Nodes[node].RpcPort, directory.CookieFile(node));

    /// <summary>Some nodes.</summary>
    public async Task<IReadOnlyList<NodeStatus>> GetStatusAsync(IReadOnlyList<int> nodes)
    {
        IReadOnlyDictionary<int, IReadOnlyList<NodePeer>> peers =
            await AskAsync(nodes, node => Control(node).GetPeersAsync()).ConfigureAwait(false);
        return [.. nodes.Select(node => StatusOf(node, peers.GetValueOrDefault(node, [])))];
    }

    /// <summary>Who is connected with whom.</summary>
    /// <param name="links">The links through the proxy, for their delays; empty without one.</param>
    public async Task<ConnectionGraph> GetGraphAsync(IReadOnlyList<LinkStatus> links)
    {
        Dictionary<(int From, int To), double> delays = links.ToDictionary(link => (link.From, link.To), link => link.DelayMs);
        IReadOnlyDictionary<int, IReadOnlyList<NodePeer>> peers = await GetPeersAsync().ConfigureAwait(false);
        IEnumerable<(int From, int To)> edges =
            from node in peers
            from peer in node.Value
            where peer.IsOutbound
            let to = plan.NodeBehind(PortOf(peer.Address))
            where to is not null
            select (node.Key, to.Value);
        return new ConnectionGraph(
            plan.Nodes.Count,
            [.. edges.Distinct().Order().Select(edge => new GraphEdge(edge.From, edge.To, delays.GetValueOrDefault(edge)))]);
    }

    /// <summary>How far and how fast messages came.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="isOwed">Whether a node that ran is owed one; null: it is.</param>
    public async Task<DeliveryReport> CollectAsync(IReadOnlyList<SentMessage> messages, Func<int, SentMessage, bool>? isOwed = null)
    {
        IReadOnlyList<IReadOnlyList<Receipt>> receipts = await FindAsync(messages, isOwed).ConfigureAwait(false);
        return new DeliveryReport(Running().Length, [.. messages.Zip(receipts, Delivery.Of)]);
    }

    /// <summary>
    /// Where messages are: for each what the nodes have of it that are owed it, which are those that ran when it was sent and run
    /// still.
    /// </summary>
    /// <param name="messages">The messages.</param>
    /// <param name="isOwed">Whether a node that ran is owed one; null: it is.</param>
    public async Task<IReadOnlyList<IReadOnlyList<Receipt>>> FindAsync(
        IReadOnlyList<SentMessage> messages, Func<int, SentMessage, bool>? isOwed = null)
    {
        IReadOnlyDictionary<int, IReadOnlyList<NodePeer>> peers = await GetPeersAsync().ConfigureAwait(false);
        // The system gives one near end to connections with several far ends. Behind the proxy these may all lead to one node: then the near
        // end says nothing, and need not, for there an address names its node.
        var dialledFrom = (
            from node in peers
            from peer in node.Value
            where peer.Kind != "inbound"
            group node.Key by (peer.LocalAddress, To: plan.NodeBehind(PortOf(peer.Address))) into same
            where same.Count() == 1
            select same).ToDictionary(same => same.Key, same => same.Single());
        string[] ids = [.. messages.Select(message => message.Id)];
        int[] running = Running();
        IReadOnlyDictionary<int, IReadOnlyList<NodeMessage?>> held =
            await AskAsync(running, node => Control(node).GetMessagesAsync(ids)).ConfigureAwait(false);
        return
        [
            .. messages.Select((message, i) => (IReadOnlyList<Receipt>)
            [
                .. from node in running
                   where node != message.Node && directory.Node(plan, node).StartedAt < message.Time
                       && isOwed?.Invoke(node, message) != false
                   let its = held.GetValueOrDefault(node)?[i]
                   select new Receipt(node, its?.TimeMicros, NodeAt(its?.From, node, dialledFrom)),
            ]),
        ];
    }

    /// <summary>The node at the other end of one of a node's connections; null when it is gone and left no trace.</summary>
    private int? NodeAt(string? address, int node, Dictionary<(string Address, int? To), int> dialledFrom)
    {
        if (address is null)
            return null;
        var endpoint = IPEndPoint.Parse(address);
        return NodeAddress.NodeAt(endpoint.Address)
            ?? plan.NodeBehind(endpoint.Port)
            ?? (dialledFrom.TryGetValue((address, node), out int from) ? from : null);
    }

    private static int PortOf(string address) => IPEndPoint.Parse(address).Port;

    /// <summary>The nodes that run.</summary>
    public int[] Running() =>
        [.. Enumerable.Range(0, plan.Nodes.Count).Where(node => directory.Node(plan, node).FindId() is not null)];

    private NodeStatus StatusOf(int node, IReadOnlyList<NodePeer> peers)
    {
        int? id = directory.Node(plan, node).FindId();
        (long memory, TimeSpan processor) = id is { } running ? ResourcesOf(running) : default;
        return new NodeStatus(
            node,
            id,
            peers.Count(peer => peer.IsOutbound),
            plan.OutboundPeers(node),
            peers.Count(peer => peer is { IsReady: true, Kind: "inbound" }),
            memory,
            processor);
    }

    private static (long Memory, TimeSpan Processor) ResourcesOf(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return (process.WorkingSet64, process.TotalProcessorTime);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // It has just ended.
            return default;
        }
    }

    private Task<IReadOnlyDictionary<int, IReadOnlyList<NodePeer>>> GetPeersAsync() =>
        AskAsync(Running(), node => Control(node).GetPeersAsync());

    /// <summary>Asks nodes; those that do not answer are left out.</summary>
    private static async Task<IReadOnlyDictionary<int, T>> AskAsync<T>(IReadOnlyList<int> nodes, Func<int, Task<T>> ask)
    {
        var answers = new ConcurrentDictionary<int, T>();
        await Parallel.ForEachAsync(nodes, AtOnce, async (node, _) =>
        {
            try
            {
                answers[node] = await ask(node).ConfigureAwait(false);
            }
            catch (NodeSilentException)
            {
                // It does not run, or does not listen yet.
            }
        }).ConfigureAwait(false);
        return answers;
    }
}
