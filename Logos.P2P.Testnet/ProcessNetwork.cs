using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography;
using Logos.P2P.Simulation.Scripts;
using Logos.P2P.Testnet.Measuring;
using Logos.P2P.Testnet.Processes;
using Logos.P2P.Testnet.Proxy;

namespace Logos.P2P.Testnet;

/// <summary>
/// A network of real processes that was started, maybe by another process: all that is known of it is in its directory and
/// in what its nodes answer.
/// </summary>
/// <param name="directory">Where it lives.</param>
/// <param name="plan">Its plan.</param>
/// <param name="report">Takes what <see cref="CollectAsync"/> finds.</param>
internal sealed class ProcessNetwork(TestnetDirectory directory, TestnetPlan plan, Action<DeliveryReport> report) : IScriptedNetwork
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly TestnetView _view = new(directory, plan);
    private readonly MessageLog _messages = new(directory.MessagesFile);

    public int NodeCount => plan.Nodes.Count;

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

    public bool IsRunning(int node) => directory.Node(plan, node).FindId() is not null;

    Task IScriptedNetwork.SendAsync(int node, int bytes) => SendAsync(node, bytes);

    /// <summary>Has a node send a random message.</summary>
    /// <exception cref="TestnetException">It does not answer, or has no peer.</exception>
    public async Task<SentMessage> SendAsync(int node, int bytes)
    {
        NodeControl control = _view.Control(node);
        try
        {
            string id = await control.PropagateAsync(RandomNumberGenerator.GetBytes(bytes)).ConfigureAwait(false);
            // Asked at once: the node may be dead when the results are collected.
            NodeMessage? sent = (await control.GetMessagesAsync([id]).ConfigureAwait(false))[0];
            if (sent is null)
                throw new NodeSilentException("it was started again just now");
            var message = new SentMessage(id, node, bytes, sent.TimeMicros);
            await _messages.AddAsync(message).ConfigureAwait(false);
            return message;
        }
        catch (NodeSilentException e)
        {
            throw new TestnetException($"Node {node} cannot send: {e.Message}");
        }
    }

    public Task KillAsync(IReadOnlyList<int> nodes) =>
        Task.WhenAll(nodes.Select(node => directory.Node(plan, node).KillAsync()));

    public async Task RestartAsync(IReadOnlyList<int> nodes)
    {
        await Task.WhenAll(nodes.Select(node => directory.Node(plan, node).StopAsync())).ConfigureAwait(false);
        await directory.StartNodesAsync(plan, nodes, CancellationToken.None).ConfigureAwait(false);
    }

    public Task PartitionAsync(IReadOnlyList<IReadOnlyList<int>> sides) =>
        AskProxyAsync(new ProxyRequest { Action = ProxyAction.Partition, Sides = sides });

    public Task HealAsync() => AskProxyAsync(new ProxyRequest { Action = ProxyAction.Heal });

    public Task DelayAsync(TimeSpan delay, TimeSpan jitter) => AskProxyAsync(new ProxyRequest
    {
        Action = ProxyAction.Shape,
        DelayMs = delay.TotalMilliseconds,
        JitterMs = jitter.TotalMilliseconds,
    });

    public Task WaitAsync(TimeSpan time) => Task.Delay(time);

    public async Task CollectAsync()
    {
        IReadOnlyList<SentMessage> messages = await _messages.ReadAsync().ConfigureAwait(false);
        report(await _view.CollectAsync(messages).ConfigureAwait(false));
    }

    /// <summary>Has the proxy do something to the links.</summary>
    /// <exception cref="TestnetException">There is no proxy.</exception>
    public async Task<IReadOnlyList<LinkStatus>> AskProxyAsync(ProxyRequest request)
    {
        if (!plan.Options.Proxy)
            throw new TestnetException("The nodes are linked directly; 'testnet up --proxy' makes links that can be disturbed.");
        try
        {
            return await ProxyControl.AskAsync(directory.ProxySocket, request).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            throw new TestnetException($"The proxy does not run: {e.Message}. See {directory.Proxy.LogFile}.");
        }
    }

    /// <summary>Ends all processes and removes the directory.</summary>
    public async Task DownAsync()
    {
        await KillAsync([.. Enumerable.Range(0, NodeCount)]).ConfigureAwait(false);
        await directory.Proxy.KillAsync().ConfigureAwait(false);
        directory.Delete();
    }
}
