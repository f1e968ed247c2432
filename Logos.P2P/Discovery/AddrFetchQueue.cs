using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Logos.P2P.Discovery;

/// <summary>
/// Peers to be asked for addresses and left again, in order. The ways of discovery put them in, the dialler takes them out.
/// </summary>
internal sealed class AddrFetchQueue
{
    private readonly ConcurrentQueue<string> _peers = new();

    /// <summary>Adds a peer: `host`, `host:port` or `[v6]:port`.</summary>
    public void Add(string peer) => _peers.Enqueue(peer);

    public bool TryTake([NotNullWhen(true)] out string? peer) => _peers.TryDequeue(out peer);
}
