using System.Diagnostics;
using Logos.P2P.Testnet.Chaos.Troubles;
using Logos.P2P.Testnet.Measuring;

namespace Logos.P2P.Testnet.Chaos;

/// <summary>
/// Troubles a network that is up, while messages are sent; lets it be, and looks whether it is as if nothing had happened. Needs the
/// proxy.
/// </summary>
/// <param name="directory">Where the network lives.</param>
/// <param name="plan">Its plan.</param>
/// <param name="options">What is asked for.</param>
/// <param name="report">Is told what happens.</param>
internal sealed class ChaosRun(TestnetDirectory directory, TestnetPlan plan, ChaosOptions options, Action<string> report)
{
    private const int MessageBytes = 256;

    private const int NoNode = -1;

    /// <summary>Between two messages.</summary>
    private static readonly TimeSpan MessageInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>How much of the end of the chaos counts: what was sent then must be everywhere when all is over.</summary>
    private static readonly TimeSpan LastOfChaos = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Within what time nodes must have their peers again: they dial each at least once a minute, and one that is dialled may have
    /// to give up a handshake first.
    /// </summary>
    private static readonly TimeSpan HealWithin = 3 * NodeDefaults.ManualRetryMax;

    /// <summary>How long messages may take that were held up.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(10);

    /// <summary>Between two looks at where they are.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>How long a node may need to be connected again. Nobody brings it what was sent meanwhile, and just before.</summary>
    private static readonly TimeSpan Reconnect = TimeSpan.FromSeconds(10);

    private readonly TestnetView _view = new(directory, plan);
    private readonly ProcessNetwork _network = new(directory, plan, _ => { });
    private readonly Random _random = new(options.Seed);

    /// <summary>Nodes that cannot send: what befalls them would be mistaken for what befalls their messages.</summary>
    private readonly HashSet<int> _troubled = [];

    private readonly List<int> _died = [];

    /// <exception cref="OperationCanceledException">It was cancelled; troubles have been ended.</exception>
    public async Task<ChaosResult> RunAsync(CancellationToken cancellationToken)
    {
        ITroublemaker[] all = [.. Troublemakers()];
        ITroublemaker[] asked = [.. all.Where(maker => options.Kinds?.Contains(maker.Kind) ?? true)];
        Dictionary<TroubleKind, ITroublemaker> makers = asked.Where(maker => maker.Obstacle is null).ToDictionary(maker => maker.Kind);
        string[] obstacles = [.. asked.Where(maker => maker.Obstacle is not null).Select(maker => $"{maker.Kind}: {maker.Obstacle}")];
        if (makers.Count == 0)
            throw new TestnetException($"Nothing of that can befall nodes here: {string.Join("; ", obstacles)}.");
        IReadOnlyList<Trouble> troubles = ChaosPlan.Draw(plan.Nodes.Count, options.Length, [.. makers.Keys.Order()], _random);
        long memoryBefore = await MostMemoryAsync().ConfigureAwait(false);

        DateTimeOffset start = DateTimeOffset.UtcNow;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<List<SentMessage>> sending = SendUntilAsync(over.Token);
        await PlayAsync(troubles, makers, cancellationToken).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        List<SentMessage> sent = await sending.ConfigureAwait(false);

        report("All troubles are over.");
        long healing = Stopwatch.GetTimestamp();
        bool isHealed = (await HealAsync(cancellationToken).ConfigureAwait(false)).Count == 0;
        TimeSpan healedAfter = Stopwatch.GetElapsedTime(healing);
        // When each node had lost all its connections.
        ILookup<int, DateTimeOffset> resets = troubles.Where(trouble => trouble.Kind == TroubleKind.Reset)
            .SelectMany(trouble => (IEnumerable<(int, TimeSpan)>)[(trouble.Node, trouble.From), (trouble.Node, trouble.To)])
            .ToLookup(reset => reset.Item1, reset => start + reset.Item2);
        DateTimeOffset last = start + options.Length - LastOfChaos;
        DeliveryReport ofChaos = await CollectAsync([.. sent.Where(message => message.Time >= last)], IsOwed, cancellationToken).ConfigureAwait(false);

        using var peace = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        peace.CancelAfter(options.Peace);
        List<SentMessage> sentInPeace = await SendUntilAsync(peace.Token).ConfigureAwait(false);
        DeliveryReport afterwards = await CollectAsync(sentInPeace, (_, _) => true, cancellationToken).ConfigureAwait(false);
        long memoryAfter = await MostMemoryAsync().ConfigureAwait(false);
        int[] nodes = [.. Enumerable.Range(0, plan.Nodes.Count)];
        _died.AddRange(nodes.Except(_view.Running()));

        report("All nodes stop, and start again.");
        await _network.RestartAsync(nodes).ConfigureAwait(false);
        IReadOnlyList<int> unopened = await HealAsync(cancellationToken).ConfigureAwait(false);
        return new ChaosResult
        {
            Troubles = troubles,
            Obstacles = obstacles,
            HealedAfter = isHealed ? healedAfter : null,
            LastOfChaos = ofChaos,
            Afterwards = afterwards,
            MemoryBefore = memoryBefore,
            MemoryAfter = memoryAfter,
            Died = _died,
            Unopened = unopened,
            Faults = [.. nodes.SelectMany(FaultsOf)],
        };

        bool IsOwed(int node, SentMessage message) =>
            directory.Node(plan, node).StartedAt + Reconnect < message.Time
            && resets[node].All(reset => message.Time < reset - MessageInterval || message.Time > reset + Reconnect);
    }

    private IEnumerable<ITroublemaker> Troublemakers() =>
    [
        new Killer(_network), new Freezer(directory, plan), new Divider(_network), new Resetter(_network),
        new DiskFiller(directory, plan, _network), new ClockMover(directory, plan, _network), new DescriptorThief(directory, plan, _network),
    ];

    /// <summary>Begins and ends troubles at their times. Each that has begun ends, whatever happens.</summary>
    private async Task PlayAsync(
        IReadOnlyList<Trouble> troubles, Dictionary<TroubleKind, ITroublemaker> makers, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // To end one takes a while, when a node has to stop and to start again, and the next must not begin meanwhile.
        SemaphoreSlim partitions = new(1);
        SemaphoreSlim[] nodes = [.. plan.Nodes.Select(_ => new SemaphoreSlim(1))];
        await Task.WhenAll(troubles.Select(PlayOneAsync)).ConfigureAwait(false);

        async Task PlayOneAsync(Trouble trouble)
        {
            await WaitUntilAsync(trouble.From).ConfigureAwait(false);
            SemaphoreSlim turn = trouble.Kind == TroubleKind.Partition ? partitions : nodes[trouble.Node];
            await turn.WaitAsync(failed.Token).ConfigureAwait(false);
            try
            {
                await HaveAsync(trouble).ConfigureAwait(false);
            }
            catch
            {
                // What the others would show from here on is worth nothing.
                await failed.CancelAsync().ConfigureAwait(false);
                throw;
            }
            finally
            {
                turn.Release();
            }
        }

        async Task HaveAsync(Trouble trouble)
        {
            report($"{trouble.From.TotalSeconds,6:0.0} s: {trouble.Kind} at {trouble.Node} for {(trouble.To - trouble.From).TotalSeconds:0.0} s");
            // A partition has halves, and no node that is worse off than others.
            int node = trouble.Kind == TroubleKind.Partition ? NoNode : trouble.Node;
            lock (_troubled)
                _troubled.Add(node);
            try
            {
                await makers[trouble.Kind].BeginAsync(trouble.Node).ConfigureAwait(false);
                await WaitUntilAsync(trouble.To).ConfigureAwait(false);
                NoteIfDead(trouble);
            }
            finally
            {
                await makers[trouble.Kind].EndAsync(trouble.Node).ConfigureAwait(false);
                lock (_troubled)
                    _troubled.Remove(node);
            }
        }

        Task WaitUntilAsync(TimeSpan time)
        {
            TimeSpan left = time - Stopwatch.GetElapsedTime(start);
            return left > TimeSpan.Zero ? Task.Delay(left, failed.Token) : Task.CompletedTask;
        }
    }

    /// <summary>Nodes end when they are killed, and when the runtime ends them for want of descriptors; of nothing else.</summary>
    private void NoteIfDead(Trouble trouble)
    {
        if (trouble.Kind is TroubleKind.Partition or TroubleKind.Kill or TroubleKind.NoDescriptors)
            return;
        if (directory.Node(plan, trouble.Node).FindId() is not null)
            return;
        report($"Node {trouble.Node} has ended of {trouble.Kind}.");
        lock (_troubled)
            _died.Add(trouble.Node);
    }

    /// <summary>Has nodes that nothing befalls send messages until it is cancelled.</summary>
    private async Task<List<SentMessage>> SendUntilAsync(CancellationToken cancellationToken)
    {
        var sent = new List<SentMessage>();
        // Not that of the plan: how many are sent depends on how fast the machine is.
        var random = new Random(options.Seed);
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(MessageInterval, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            int node = random.Next(plan.Nodes.Count);
            bool isTroubled;
            lock (_troubled)
                isTroubled = _troubled.Contains(node);
            if (isTroubled)
                continue;
            try
            {
                sent.Add(await _network.SendAsync(node, MessageBytes).ConfigureAwait(false));
            }
            catch (TestnetException)
            {
                // It is starting, or all its peers are in trouble.
            }
        }

        return sent;
    }

    /// <summary>What became of messages, as soon as they are everywhere, or when they have had their time.</summary>
    private async Task<DeliveryReport> CollectAsync(
        IReadOnlyList<SentMessage> messages, Func<int, SentMessage, bool> isOwed, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            DeliveryReport collected = await _view.CollectAsync(messages, isOwed).ConfigureAwait(false);
            if (collected.IsComplete || Stopwatch.GetElapsedTime(start) > Settle)
                return collected;
            await Task.Delay(Look, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until all nodes have their peers.</summary>
    /// <returns>Those that have not.</returns>
    private async Task<IReadOnlyList<int>> HealAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<NodeStatus> lacking = await new TestnetStart(directory, plan)
            .WaitForPeersAsync(HealWithin, _ => { }, cancellationToken).ConfigureAwait(false);
        foreach (NodeStatus node in lacking)
            report($"Node {node.Node} has {node.Outbound} of {node.OutboundWanted} outbound peers.");
        return [.. lacking.Select(node => node.Node)];
    }

    private async Task<long> MostMemoryAsync() =>
        (await _view.GetStatusAsync([.. Enumerable.Range(0, plan.Nodes.Count)]).ConfigureAwait(false)).Max(node => node.Memory);

    private IEnumerable<string> FaultsOf(int node) =>
        File.ReadLines(directory.Node(plan, node).LogFile).Where(NodeLog.IsFault).Select(line => $"node {node}: {line}");
}
