using Logos.P2P.Wire;

namespace Logos.P2P.Fuzz.Model;

/// <summary>
/// The protocol as `docs/protocol.md` and `docs/connections.md` have it, in as few words as it can be said: what a node owes to
/// whom after each thing that is said to it. It knows nothing of how the node does that.
/// </summary>
/// <param name="mode">How the node relays.</param>
internal sealed partial class ProtocolModel(RelayMode mode)
{
    /// <summary>Until when whoever is told of a message must have been: the moment it is there, or a batch later.</summary>
    private static readonly TimeSpan TellingPatience = TimeSpan.FromSeconds(1);

    /// <summary>What a peer said about a message is remembered this long at least.</summary>
    private static readonly TimeSpan SurelyRemembered = TimeSpan.FromSeconds(9);

    private readonly Dictionary<int, TimeSpan> _seenAt = [];
    private readonly Dictionary<int, (TimeSpan At, ModelPeer? By)> _kept = [];

    /// <summary>The connections that are not over.</summary>
    public List<ModelPeer> Peers { get; } = [];

    /// <summary>The time.</summary>
    public TimeSpan Now { get; set; }

    /// <summary>What must have been counted as dropped.</summary>
    public Dictionary<DropReason, int> Drops { get; } = [];

    /// <summary>Why connections must have ended.</summary>
    public Dictionary<DisconnectReason, int> Ends { get; } = [];

    /// <summary>What the upper layer must have been given, in this order.</summary>
    public List<MessageId> HandedOver { get; } = [];

    public bool IsSeen(int item) => _seenAt.ContainsKey(item);

    /// <summary>Whether anybody is there to send messages to.</summary>
    public bool HasPeer => Peers.Any(peer => peer.IsComplete);

    public bool IsKept(int item) => _kept.ContainsKey(item);

    /// <summary>Whether payloads are sent to a peer that did not ask.</summary>
    public bool MayPush(ModelPeer peer) => mode == RelayMode.Push || (mode != RelayMode.Inv && peer.IsKeyed);

    /// <summary>Whether a peer is told of messages by name.</summary>
    public bool MayAnnounce => mode != RelayMode.Push;

    /// <summary>Whether nodes tell each other what they make of payloads.</summary>
    public bool Learns => mode is RelayMode.Tree or RelayMode.Eager;

    public void Drop(DropReason reason) => Drops[reason] = Drops.GetValueOrDefault(reason) + 1;

    /// <summary>The node ends a connection.</summary>
    public void Disconnect(ModelPeer peer, DisconnectReason reason)
    {
        Ends[reason] = Ends.GetValueOrDefault(reason) + 1;
        peer.End();
        Peers.Remove(peer);
    }

    /// <summary>The rest of a list too long, or a bad message: overlooked where the operator wants the peer.</summary>
    public void Punish(ModelPeer peer, DisconnectReason reason)
    {
        if (peer.IsManual)
            Drop(DropReason.Overlooked);
        else
            Disconnect(peer, reason);
    }

    /// <summary>Something damaged: the tenth in a minute ends the connection.</summary>
    public void Bad(ModelPeer peer, DropReason reason)
    {
        Drop(reason);
        while (peer.Bad.TryPeek(out TimeSpan oldest) && Now - oldest >= NodeDefaults.BadMessageWindow)
            peer.Bad.Dequeue();
        peer.Bad.Enqueue(Now);
        if (peer.Bad.Count >= NodeDefaults.MaxBadMessages)
            Disconnect(peer, DisconnectReason.TooManyBadMessages);
    }

    /// <summary>Whether something that needs a complete handshake is said after one.</summary>
    public bool IsReady(ModelPeer peer)
    {
        if (!peer.IsComplete)
            Drop(DropReason.BeforeHandshake);
        return peer.IsComplete;
    }

    /// <summary>A message comes.</summary>
    public void Arrive(ModelPeer from, int item)
    {
        from.Said(item, Now);
        if (!_seenAt.TryAdd(item, Now))
        {
            Drop(DropReason.Duplicate);
            return;
        }

        HandedOver.Add(ModelMessages.IdOf(item));
        StopAsking(item);
        switch (ModelMessages.VerdictOn(item))
        {
            case Verdict.Propagate:
                Relay(from, item);
                break;
            case Verdict.Reject:
                Punish(from, DisconnectReason.RejectedMessage);
                break;
        }
    }

    /// <summary>The node's own program sends a message.</summary>
    /// <returns>What it is told: whether anybody was there.</returns>
    public bool Propagate(int item)
    {
        bool hasPeer = HasPeer;
        if (hasPeer && _seenAt.TryAdd(item, Now))
        {
            StopAsking(item);
            Relay(null, item);
        }

        return hasPeer;
    }

    /// <summary>The node's own program finds that a message is bad.</summary>
    /// <returns>What it is told: whether the message was known.</returns>
    public bool Report(int item)
    {
        if (!_kept.Remove(item, out (TimeSpan At, ModelPeer? By) kept))
            return false;
        foreach (ModelPeer peer in Peers)
        {
            // What has not been told yet never is.
            if (peer.Owed.Remove(item))
                peer.MayBeTold.Add(item);
        }

        if (kept.By is { } by && Peers.Contains(by))
            Punish(by, DisconnectReason.RejectedMessage);
        return true;
    }

    /// <summary>A peer asks for messages.</summary>
    public void Serve(ModelPeer to, IEnumerable<int> items)
    {
        var missing = new List<MessageId>();
        foreach (int item in items.Distinct())
        {
            if (IsServed(to, item))
                to.Served.Add(item);
            else
                missing.Add(ModelMessages.IdOf(item));
        }

        if (missing.Count == 0)
            return;
        byte[] payload = new byte[InventoryCodec.GetSize(missing.Count)];
        InventoryCodec.Write(missing.ToArray(), payload);
        to.Expect(Command.NotFound, payload);
    }

    /// <summary>A peer says that it has a message.</summary>
    /// <param name="from">The peer.</param>
    /// <param name="item">The message.</param>
    /// <param name="isNamed">
    /// Whether it says so by a short id. What such a name stands for is forgotten ten seconds after the message came, and then it may
    /// be asked for as if it were new.
    /// </param>
    public void Announce(ModelPeer from, int item, bool isNamed)
    {
        from.Said(item, Now);
        if (!_seenAt.TryGetValue(item, out TimeSpan at))
            from.Announced[item] = Now;
        else if (isNamed && Now - at >= SurelyRemembered)
            from.MayBeAsked.Add(item);
    }

    private bool IsServed(ModelPeer to, int item) => _kept.TryGetValue(item, out (TimeSpan At, ModelPeer? By) kept)
        && (kept.At >= to.OpenedAt || Now - kept.At >= NodeDefaults.ServedToAllAfter);

    private void Relay(ModelPeer? from, int item)
    {
        _kept[item] = (Now, from);
        foreach (ModelPeer peer in Peers.Where(peer => peer.IsComplete && peer != from))
        {
            if (!peer.SaidAt.TryGetValue(item, out TimeSpan said))
                peer.Owed[item] = Now + (mode == RelayMode.Push ? TimeSpan.Zero : TellingPatience);
            else if (Now - said >= SurelyRemembered)
                peer.MayBeTold.Add(item);
        }
    }

    private void StopAsking(int item)
    {
        foreach (ModelPeer peer in Peers)
            peer.Announced.Remove(item);
    }
}
