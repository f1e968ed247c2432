namespace Logos.P2P.Testnet.Chaos.Troubles;

/// <summary><see cref="TroubleKind.Kill"/></summary>
internal sealed class Killer(ProcessNetwork network) : ITroublemaker
{
    public TroubleKind Kind => TroubleKind.Kill;

    public Task BeginAsync(int node) => network.KillAsync([node]);

    public Task EndAsync(int node) => network.RestartAsync([node]);
}
