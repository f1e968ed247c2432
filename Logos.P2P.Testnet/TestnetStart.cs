using System.Diagnostics;
using System.Net.Sockets;
using Logos.P2P.Testnet.Processes;
using Logos.P2P.Testnet.Proxy;

namespace Logos.P2P.Testnet;

/// <summary>Brings a network of processes up.</summary>
internal sealed class TestnetStart(TestnetDirectory directory, TestnetPlan plan)
{
    /// <summary>Between two looks at a node that lacks peers: it tries for more about once a second.</summary>
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(250);

    /// <summary>How long the proxy may take to listen.</summary>
    private static readonly TimeSpan ProxyPatience = TimeSpan.FromSeconds(20);

    private readonly TestnetView _view = new(directory, plan);

    /// <summary>Starts all processes.</summary>
    /// <exception cref="TestnetException">The proxy does not come up.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; what was started runs.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        directory.Create(plan);
        if (plan.Options.Proxy)
            await StartProxyAsync(cancellationToken).ConfigureAwait(false);
        await directory.StartNodesAsync(plan, Enumerable.Range(0, plan.Nodes.Count), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits until every node has its outbound peers.</summary>
    /// <param name="patience">How long.</param>
    /// <param name="progress">Told how many have theirs.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The nodes that have not.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<IReadOnlyList<NodeStatus>> WaitForPeersAsync(
        TimeSpan patience, Action<int> progress, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        IReadOnlyList<int> waiting = [.. Enumerable.Range(0, plan.Nodes.Count)];
        while (true)
        {
            NodeStatus[] lacking = [.. (await _view.GetStatusAsync(waiting).ConfigureAwait(false))
                .Where(status => !status.HasItsPeers)];
            progress(plan.Nodes.Count - lacking.Length);
            bool isHopeless = Array.Exists(lacking, status => status.ProcessId is null);
            if (lacking.Length == 0 || isHopeless || Stopwatch.GetElapsedTime(start) > patience)
                return lacking;
            waiting = [.. lacking.Select(status => status.Node)];
            await Task.Delay(Poll, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task StartProxyAsync(CancellationToken cancellationToken)
    {
        await directory.StartProxyAsync().ConfigureAwait(false);
        DetachedProcess proxy = directory.Proxy;
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await ProxyControl.AskAsync(directory.ProxySocket, new ProxyRequest { Action = ProxyAction.Status })
                    .ConfigureAwait(false);
                return;
            }
            catch (SocketException)
            {
                if (proxy.FindId() is null || Stopwatch.GetElapsedTime(start) > ProxyPatience)
                    throw new TestnetException($"The proxy does not come up; see {proxy.LogFile}.");
            }

            await Task.Delay(Poll, cancellationToken).ConfigureAwait(false);
        }
    }
}
