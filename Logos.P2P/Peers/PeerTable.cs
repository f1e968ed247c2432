using System.Collections.Immutable;

namespace Logos.P2P.Peers;

/// <summary>
/// All connections. Reading is free of locks: the tables are immutable and replaced when a peer comes or goes, which
/// happens a million times less often than a message passes.
/// </summary>
internal sealed class PeerTable
{
    private readonly Lock _gate = new();
    private ImmutableArray<Peer> _all = [];
    private ImmutableArray<Peer> _ready = [];
    private long _lastId;
    private (long Received, long Sent) _ofThoseGone;

    /// <summary>Every connection, in the handshake or past it.</summary>
    public ImmutableArray<Peer> All => _all;

    /// <summary>The peers that messages flow to: handshake complete, and of a kind that carries messages.</summary>
    public ImmutableArray<Peer> Ready => _ready;

    /// <summary>Whether no peer that we dialled is left to send messages to: our line may be down.</summary>
    public bool IsAlone => !_ready.Any(peer => peer.Kind != ConnectionKind.Inbound);

    /// <summary>Bytes that the sockets of all peers, past and present, gave and took.</summary>
    public (long Received, long Sent) SocketBytes
    {
        get
        {
            // Under the lock, so that nobody who goes is counted twice or not at all: counters only grow.
            lock (_gate)
            {
                (long received, long sent) = _ofThoseGone;
                foreach (Peer peer in _all)
                {
                    (long itsReceived, long itsSent) = peer.SocketBytes;
                    (received, sent) = (received + itsReceived, sent + itsSent);
                }

                return (received, sent);
            }
        }
    }

    public long NextId() => Interlocked.Increment(ref _lastId);

    public void Add(Peer peer)
    {
        lock (_gate)
            _all = _all.Add(peer);
    }

    public void MarkReady(Peer peer)
    {
        lock (_gate)
        {
            // It may have been disconnected by another thread in the meantime.
            if (_all.Contains(peer))
                _ready = _ready.Add(peer);
        }
    }

    public void Remove(Peer peer)
    {
        lock (_gate)
        {
            if (_all.Contains(peer))
            {
                (long received, long sent) = peer.SocketBytes;
                _ofThoseGone = (_ofThoseGone.Received + received, _ofThoseGone.Sent + sent);
            }

            _all = _all.Remove(peer);
            _ready = _ready.Remove(peer);
        }
    }

    public Peer? Find(long id) => _all.FirstOrDefault(peer => peer.Id == id);

    /// <summary>
    /// Whether a nonce is one that we sent on a connection we dialled and whose handshake is not complete: whoever sends
    /// it to us is ourselves.
    /// </summary>
    public bool IsOwnNonce(ulong nonce) =>
        _all.Any(peer => peer.Kind != ConnectionKind.Inbound && !peer.IsReady && peer.Nonce == nonce);
}
