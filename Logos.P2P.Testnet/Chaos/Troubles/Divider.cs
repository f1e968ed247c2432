namespace Logos.P2P.Testnet.Chaos.Troubles;

/// <summary><see cref="TroubleKind.Partition"/></summary>
internal sealed class Divider(ProcessNetwork network) : ITroublemaker
{
    public TroubleKind Kind => TroubleKind.Partition;

    public Task BeginAsync(int node)
    {
        int count = network.NodeCount;
        ILookup<bool, int> halves = Enumerable.Range(0, count).ToLookup(other => (other + count - node) % count < count / 2);
        return network.PartitionAsync([[.. halves[true]], [.. halves[false]]]);
    }

    public Task EndAsync(int node) => network.HealAsync();
}
