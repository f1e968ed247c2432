using System.Collections.Concurrent;
using System.Collections.Immutable;
using Logos.P2P.Diagnostics;
using Logos.P2P.Relay;
using Logos.P2P.Transport;
using Logos.P2P.Wire;

namespace Logos.P2P.Peers;

/// <summary>Makes a peer of each connection, runs it to its end and clears up after it.</summary>
/// <param name="node">The parts that peers work with.</param>
/// <param name="listeners">Where inbound connections come from.</param>
internal sealed class PeerHost(NodeContext node, ImmutableArray<IConnectionListener> listeners)
{
    private readonly InboundSlots _slots = new(node, listeners);
    private readonly ConcurrentDictionary<Peer, Task> _running = new();
    private volatile bool _isStopping;
    private volatile bool _isActive = node.Settings.NetworkActive;

    /// <summary>Whether there are to be connections at all.</summary>
    public bool IsActive => _isActive;

    /// <summary>Ends all connections and has no others, or has them again.</summary>
    public void SetActive(bool isActive)
    {
        _isActive = isActive;
        if (isActive)
            return;
        foreach (Peer peer in node.Peers.All)
            peer.Disconnect(DisconnectReason.Requested);
    }

    /// <summary>Takes over a connection that was accepted.</summary>
    public void Accept(IConnection connection)
    {
        NetEndpoint endpoint = connection.RemoteEndpoint;
        if (!_isActive || !_slots.TryReserve(endpoint.Address))
            connection.Close();
        else if (Run(connection, ConnectionKind.Inbound, endpoint) is null)
            _slots.Release(endpoint.Address);
    }

    /// <summary>Takes over a connection that we dialled.</summary>
    /// <returns>The peer; null when the node is stopping, or is to have no connections.</returns>
    public Peer? Run(IConnection connection, ConnectionKind kind, NetEndpoint endpoint)
    {
        if (_isStopping || !_isActive)
        {
            connection.Close();
            return null;
        }

        var peer = new Peer(node, connection, kind, endpoint);
        node.Peers.Add(peer);
        if (kind == ConnectionKind.Inbound)
            _slots.Add(peer);
        Log.PeerConnected(node.Logger, peer.Id, kind, node.Settings.Describe(endpoint));
        if (node.Events.HasWatchers)
            node.Events.Publish(new PeerConnected(peer.Id, kind, endpoint));
        _running[peer] = peer.Ended;
        // StopAsync may have looked at the table just before this peer was in it.
        if (_isStopping)
            peer.Disconnect(DisconnectReason.Shutdown);
        // So may whoever wanted no connections.
        if (!_isActive)
            peer.Disconnect(DisconnectReason.Requested);
        // Whoever banned the host may have looked there just before, too.
        if (node.IsBanned(endpoint.Address, kind))
            peer.Disconnect(DisconnectReason.Banned);
        // On its own, so that whoever accepts or dials goes on with the next at once.
        _ = node.Tasks.Run(() => RunAsync(peer, connection));
        return peer;
    }

    /// <summary>Disconnects those whose host is banned.</summary>
    public void DisconnectBanned()
    {
        foreach (Peer peer in node.Peers.All)
        {
            if (node.IsBanned(peer.Endpoint.Address, peer.Kind))
                peer.Disconnect(DisconnectReason.Banned);
        }
    }

    /// <summary>
    /// A message that the upper layer accepted turned out to be bad. Whoever brought it is treated as if that had been known at
    /// once.
    /// </summary>
    /// <returns>False when it is not known, or no longer.</returns>
    public bool ReportInvalid(in MessageId id)
    {
        if (!node.Relay.Withdraw(id, out Deliverer by))
            return false;
        if (node.Peers.Find(by.PeerId) is { Reason: DisconnectReason.None } peer)
        {
            if (peer.Punish(Command.Logos, DisconnectReason.RejectedMessage))
                peer.HandlerQueue.Drop();
        }
        else if (by.PeerId != 0 && !by.IsExempt && !by.Address.IsLocal)
        {
            node.Discouragement.Add(by.Address);
        }

        return true;
    }

    public void Tick()
    {
        TimeSpan now = node.Clock.Now;
        foreach (Peer peer in node.Peers.All)
            peer.Tick(now);
    }

    /// <summary>Disconnects all peers and waits until nothing of them runs, the upper layer's calls included.</summary>
    public async Task StopAsync()
    {
        _isStopping = true;
        while (!_running.IsEmpty)
        {
            // In the order in which they came, for a simulation must be the same each time.
            foreach (Peer peer in _running.Keys.OrderBy(peer => peer.Id))
            {
                peer.Disconnect(DisconnectReason.Shutdown);
                peer.HandlerQueue.Drop();
            }

            await Task.WhenAll(_running.Values);
        }
    }

    private async Task RunAsync(Peer peer, IConnection connection)
    {
        try
        {
            peer.Start();
            DisconnectReason reason = await ReceiveLoop.RunAsync(connection, peer.Reader, peer, node.Clock);
            peer.Disconnect(reason);
        }
#pragma warning disable CA1031 // A fault in the work for one peer must not reach the others.
        catch (Exception e)
#pragma warning restore CA1031
        {
            peer.Fail(e);
        }
        finally
        {
            try
            {
                await ClearUpAsync(peer);
            }
            finally
            {
                _running.TryRemove(peer, out _);
                peer.MarkEnded();
            }
        }
    }

    private async Task ClearUpAsync(Peer peer)
    {
        try
        {
            node.Peers.Remove(peer);
            node.Relay.PeerEnded(peer);
            // What it delivered was accepted: it is handled even though the peer is gone.
            await peer.HandlerQueue.CompleteAsync();
            node.Gossip.PeerEnded(peer);
        }
        finally
        {
            // Before it is told: whoever hears of it may connect in its place.
            _slots.Remove(peer);
        }

        Log.PeerDisconnected(node.Logger, peer.Id, peer.Reason);
        if (node.Events.HasWatchers)
            node.Events.Publish(new PeerDisconnected(peer.Id, peer.Reason));
    }
}
