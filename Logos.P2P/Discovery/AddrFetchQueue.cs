using System.Diagnostics.CodeAnalysis;

namespace Logos.P2P.Discovery;

/// <summary>
/// Peers to be asked for addresses and left again, in order. The ways of discovery put them in, the dialler takes them out.
/// Guards itself.
/// </summary>
internal sealed class AddrFetchQueue
{
    private readonly Lock _gate = new();
    private readonly Queue<string> _peers = new();

    /// <summary>
    /// Adds a peer: `host`, `host:port` or `[v6]:port`. One that waits already is not added again, so the queue never
    /// holds more than the operator named.
    /// </summary>
    public void Add(string peer)
    {
        lock (_gate)
        {
            if (!_peers.Contains(peer))
                _peers.Enqueue(peer);
        }
    }

    public bool TryTake([NotNullWhen(true)] out string? peer)
    {
        lock (_gate)
            return _peers.TryDequeue(out peer);
    }
}
