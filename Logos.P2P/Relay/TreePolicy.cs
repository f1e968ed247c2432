namespace Logos.P2P.Relay;

/// <summary>How a <see cref="TreePolicy"/> is to learn.</summary>
internal sealed record TreeTuning
{
    /// <summary>Payloads are sent to links where they would be the first with at least this chance.</summary>
    public double Threshold { get; init; } = 0.3;

    /// <summary>The same where the origin is unknown: many trees share a row then, and each is used rarely.</summary>
    public double PairThreshold { get; init; } = 0.05;

    /// <summary>How much a sample counts.</summary>
    public double Rate { get; init; } = 0.25;

    /// <summary>How much a sample counts where the origin is unknown.</summary>
    public double PairRate { get; init; } = 0.1;

    /// <summary>How many peers are to send each message.</summary>
    public int Parents { get; init; } = 1;

    /// <summary>How long an announced message is waited for: 5 to 20 ms make no difference that can be measured.</summary>
    public TimeSpan AskWait { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Whether there is one tree for all origins.</summary>
    public bool IsShared { get; init; }
}

/// <summary>
/// A tree for each origin, which nobody plans: each node learns which of its links it is the fastest way to. The first message
/// of an origin goes to all; whoever had it already says so, and gets announcements from then on. With it all payloads travel
/// as fast as if everybody sent everything, at about one copy a node. `reference/gossip-policy.md` has the study; docs/relay.md
/// explains it.
/// </summary>
/// <remarks>
/// Where the origin is unknown (label 0), or floods of new labels use up their budget, rows are by the link that a message came
/// on: less exact, so more copies. Rows are kept in shards with a lock each.
/// </remarks>
internal sealed class TreePolicy(TreeTuning tuning) : IRelayPolicy
{
    /// <summary>Rows of origins: 64 bytes each at 16 peers, 0.4 MB in all at 200.</summary>
    public const int MaxRows = 1024;

    /// <summary>Rows whose first message came on one link: a quarter, so that one peer who invents origins leaves room.</summary>
    public const int MaxRowsOfLink = 256;

    /// <summary>New origins that one link may bring in a second, and at once: each goes to all peers.</summary>
    public const int LinkFloodRate = 2;
    public const int LinkFloodBurst = 32;

    /// <summary>New origins of all links together.</summary>
    public const int FloodRate = 8;
    public const int FloodBurst = 64;

    /// <summary>How many peers are to send each urgent message: when one of them fails there is no wait for it.</summary>
    public const int UrgentParents = 2;

    private const int ShardCount = 16;
    private const uint SharedLabel = 1;

    private readonly Shard[] _shards = [.. Enumerable.Range(0, ShardCount).Select(_ => new Shard())];
    private readonly FloodBudget _budget = new();
    private readonly PairRows _pairs = new(tuning.PairRate, tuning.PairThreshold);

    /// <inheritdoc/>
    public bool Learns => true;

    /// <inheritdoc/>
    public TimeSpan AskWait => tuning.AskWait;

    /// <inheritdoc/>
    public int SuperfluousCopyOf(in RelayStep step) =>
        1 + (step.IsUrgent ? Math.Max(tuning.Parents, UrgentParents) : tuning.Parents);

    /// <inheritdoc/>
    public void Choose(in RelayStep step, ReadOnlySpan<int> slots, Span<bool> isPushed, TimeSpan now)
    {
        if (!TryChooseByLabel(step, slots, isPushed, now))
            _pairs.Choose(step, slots, isPushed);
    }

    /// <inheritdoc/>
    public void Learn(in RelayStep step, int slot, bool isUseful)
    {
        _pairs.Learn(step, slot, isUseful);
        Shard shard = ShardOf(step);
        lock (shard)
            shard.Find(KeyOf(step))?.Learn(slot, isUseful);
    }

    /// <inheritdoc/>
    public int? NoteParent(in RelayStep step)
    {
        Shard shard = ShardOf(step);
        lock (shard)
        {
            if (shard.Find(KeyOf(step)) is not { } row)
                return null;
            int? before = row.Parent;
            row.Parent = step.From == RelayStep.Self ? null : step.From;
            return before;
        }
    }

    /// <inheritdoc/>
    public void NoteRunnerUp(in RelayStep step, int slot)
    {
        Shard shard = ShardOf(step);
        lock (shard)
        {
            if (shard.Find(KeyOf(step)) is { } row)
                row.RunnerUp = slot;
        }
    }

    /// <inheritdoc/>
    public void Graft(uint label, int slot)
    {
        foreach (int size in (ReadOnlySpan<int>)[0, NodeDefaults.LargeMessage])
        {
            foreach (bool isUrgent in (ReadOnlySpan<bool>)[false, true])
            {
                var step = new RelayStep(label, size, RelayStep.Self, isUrgent);
                Shard shard = ShardOf(step);
                lock (shard)
                    shard.Find(KeyOf(step))?.Graft(slot);
            }
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<Substitute> Replace(int slot)
    {
        var substitutes = new List<Substitute>();
        foreach (Shard shard in _shards)
        {
            lock (shard)
                shard.Replace(slot, substitutes);
        }

        return substitutes;
    }

    /// <inheritdoc/>
    public void Close(int slot)
    {
        _budget.Close(slot);
        _pairs.Close(slot);
        foreach (Shard shard in _shards)
        {
            lock (shard)
                shard.Forget(slot);
        }
    }

    private bool TryChooseByLabel(in RelayStep step, ReadOnlySpan<int> slots, Span<bool> isPushed, TimeSpan now)
    {
        if (LabelOf(step) == 0)
            return false;
        ulong key = KeyOf(step);
        Shard shard = ShardOf(step);
        lock (shard)
        {
            RelayRow? row = shard.Find(key);
            if (row is null && shard.CountOf(step.From) < MaxRowsOfLink / ShardCount && _budget.TryTake(step.From, now))
                row = shard.Add(key, RelayRow.Flood(tuning.Rate, step.From, slots));
            if (row is null)
                return false;
            row.LastUse = now;
            for (int i = 0; i < slots.Length; i++)
                isPushed[i] = row.ChanceOf(slots[i]) >= tuning.Threshold;
            return true;
        }
    }

    private uint LabelOf(in RelayStep step) => tuning.IsShared ? SharedLabel : step.Label;

    // What takes long to send goes other ways than what does not, and what two are to send more ways than what one is.
    private ulong KeyOf(in RelayStep step) =>
        LabelOf(step) | (step.Size >= NodeDefaults.LargeMessage ? 1UL << 32 : 0) | (step.IsUrgent ? 1UL << 33 : 0);

    // Labels may be small numbers or hashes: a multiplication spreads both.
    private Shard ShardOf(in RelayStep step) => _shards[(KeyOf(step) * 0x9E3779B97F4A7C15) >> 60];

    private sealed class Shard
    {
        private readonly Dictionary<ulong, RelayRow> _rows = [];

        public RelayRow? Find(ulong key) => _rows.GetValueOrDefault(key);

        public int CountOf(int createdBy) => _rows.Values.Count(row => row.CreatedBy == createdBy);

        public RelayRow Add(ulong key, RelayRow row)
        {
            if (_rows.Count >= MaxRows / ShardCount)
                _rows.Remove(_rows.MinBy(pair => pair.Value.LastUse).Key);
            _rows.Add(key, row);
            return row;
        }

        public void Replace(int slot, List<Substitute> substitutes)
        {
            foreach ((ulong key, RelayRow row) in _rows)
            {
                if (row.Parent == slot && row.RunnerUp is { } runnerUp && runnerUp != slot)
                {
                    substitutes.Add(new Substitute((uint)key, runnerUp));
                    // Asked once: the next time it is the substitute that may fail.
                    (row.Parent, row.RunnerUp) = (runnerUp, null);
                }
            }
        }

        public void Forget(int slot)
        {
            foreach (RelayRow row in _rows.Values)
                row.Forget(slot);
        }
    }
}
