namespace Logos.P2P.Fuzz.Model;

/// <summary>What time alone brings about.</summary>
internal sealed partial class ProtocolModel
{
    /// <summary>The node looks at its clock every 100 ms, so what is due happens up to so much later.</summary>
    private static readonly TimeSpan Tolerance = 2 * NodeDefaults.Heartbeat;

    /// <summary>Nobody who was asked is waited for longer.</summary>
    private static readonly TimeSpan AskingPatience = TimeSpan.FromSeconds(4);

    /// <summary>What nobody brings is no longer waited for after 30 s, and asked for again when it is announced again.</summary>
    private static readonly TimeSpan SurelyWanted = TimeSpan.FromSeconds(25);

    /// <summary>Ends connections that are over by now. Where it is a matter of a heartbeat, what was seen decides.</summary>
    public void TakeTimeouts()
    {
        foreach (ModelPeer peer in Peers.ToArray())
        {
            (TimeSpan? due, DisconnectReason reason) = peer switch
            {
                { IsComplete: false } => (peer.Connection.OpenedAt + NodeDefaults.HandshakeTimeout, DisconnectReason.HandshakeTimeout),
                { Ping: not null } => (Later(peer.LastHeard, peer.PingedAt) + NodeDefaults.PingTimeout, DisconnectReason.PingTimeout),
                _ => ((TimeSpan?)null, DisconnectReason.None),
            };
            bool mayEnd = due is { } at && Now >= at;
            if (mayEnd && (peer.Connection.IsClosed || Now >= due + Tolerance))
                Disconnect(peer, reason);
        }
    }

    /// <summary>Says what the node owes to somebody and has not done by now; null when it owes nothing.</summary>
    public string? FindDebt()
    {
        foreach (ModelPeer peer in Peers)
        {
            if (peer.Expected.TryPeek(out Expected expected))
                return $"{expected.Command} was to be sent to {peer.Connection.RemoteEndpoint}";
            if (peer.Served.Count > 0)
                return $"message {peer.Served[0]} was to be sent to {peer.Connection.RemoteEndpoint}, which asked for it";
            foreach ((int item, TimeSpan until) in peer.Owed)
            {
                if (Now > until)
                    return $"{peer.Connection.RemoteEndpoint} was to be told of message {item}";
            }

            if (peer is { IsComplete: true, Ping: null } && Now > peer.PingedAt + NodeDefaults.PingInterval + Tolerance)
                return $"{peer.Connection.RemoteEndpoint} was to be pinged";
        }

        return FindUnasked();
    }

    /// <summary>Every message that was announced and is not here is asked for, of one after another.</summary>
    private string? FindUnasked()
    {
        var waiting = new Dictionary<int, (TimeSpan Last, bool IsAnyLeft)>();
        foreach (ModelPeer peer in Peers)
        {
            foreach ((int item, TimeSpan announced) in peer.Announced)
            {
                bool wasAsked = peer.Asked.TryGetValue(item, out TimeSpan asked);
                (TimeSpan last, bool isAnyLeft) = waiting.GetValueOrDefault(item);
                bool isLeft = !wasAsked && Now - announced < SurelyWanted;
                waiting[item] = (Later(last, Later(announced, asked)), isAnyLeft || isLeft);
            }
        }

        foreach ((int item, (TimeSpan last, bool isAnyLeft)) in waiting)
        {
            if (isAnyLeft && Now > last + AskingPatience)
                return $"message {item} was announced, and nobody is asked for it";
        }

        return null;
    }

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
