using Logos.P2P.Testnet.Proxy;

namespace Logos.P2P.Testnet.Chaos.Troubles;

/// <summary><see cref="TroubleKind.Reset"/>: at the beginning, and once more at the end.</summary>
internal sealed class Resetter(ProcessNetwork network) : ITroublemaker
{
    public TroubleKind Kind => TroubleKind.Reset;

    public Task BeginAsync(int node) => network.AskProxyAsync(new ProxyRequest { Action = ProxyAction.Reset, Node = node });

    public Task EndAsync(int node) => BeginAsync(node);
}
