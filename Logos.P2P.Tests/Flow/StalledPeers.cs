using System.Net.Sockets;
using Logos.P2P.Wire;

namespace Logos.P2P.Tests.Flow;

/// <summary>Peers that have shaken hands and do nothing any more. Of each only its socket is left, so they cost little.</summary>
internal sealed class StalledPeers : IDisposable
{
    private readonly List<Socket> _sockets = [];

    public void Add(NetEndpoint node, int count)
    {
        for (int i = 0; i < count; i++)
        {
            RawPeer peer = RawPeer.Connect(node);
            peer.Socket.ReceiveBufferSize = 4096;
            _sockets.Add(peer.Socket);
        }
    }

    public void Dispose() => _sockets.ForEach(socket => socket.Dispose());
}
