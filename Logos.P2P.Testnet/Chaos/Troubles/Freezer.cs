namespace Logos.P2P.Testnet.Chaos.Troubles;

/// <summary><see cref="TroubleKind.Freeze"/></summary>
internal sealed class Freezer(TestnetDirectory directory, TestnetPlan plan) : ITroublemaker
{
    public TroubleKind Kind => TroubleKind.Freeze;

    public Task BeginAsync(int node)
    {
        directory.Node(plan, node).Freeze();
        return Task.CompletedTask;
    }

    public Task EndAsync(int node)
    {
        directory.Node(plan, node).Thaw();
        return Task.CompletedTask;
    }
}
