using Logos.P2P.Wire;

namespace Logos.P2P.Dialing;

/// <summary>What automatic connections there are and could be.</summary>
/// <param name="FreeOutbound">Full outbound connections that are missing; -1 while a newcomer is on trial.</param>
/// <param name="FreeQuiet">Quiet connections that are missing.</param>
/// <param name="HasAnchors">Whether quiet peers of the last run are left to be dialled.</param>
/// <param name="IsNewcomerDue">Whether it is time to try a full outbound peer besides those there are.</param>
/// <param name="IsFeelerDue">Whether it is time to see whether some address answers.</param>
internal readonly record struct OutboundSlots(
    int FreeOutbound, int FreeQuiet, bool HasAnchors, bool IsNewcomerDue, bool IsFeelerDue);

/// <summary>A full outbound peer that might have to make room.</summary>
/// <param name="Id">Its number: higher means later.</param>
/// <param name="Network">Where it is.</param>
/// <param name="LastFirstDelivery">When it last was the first to bring an accepted message; zero for never.</param>
internal readonly record struct OutboundRecord(long Id, NetworkId Network, TimeSpan LastFirstDelivery);

/// <summary>What is known about an address that might be dialled.</summary>
/// <param name="IsDialable">Whether this node dials its network.</param>
/// <param name="Services">What it is said to offer.</param>
/// <param name="IsOwn">Whether it leads to ourselves.</param>
/// <param name="IsDialled">Whether we dialled it already.</param>
/// <param name="IsGroupTaken">Whether an outbound peer is in its group.</param>
/// <param name="IsDiscouraged">Whether its host broke a rule.</param>
/// <param name="IsBanned">Whether the operator banned its host.</param>
/// <param name="IsDue">Whether enough time has passed since it was last tried in this run.</param>
/// <param name="WasTriedLately">Whether it was tried within the last ten minutes, in this run or before.</param>
/// <param name="HasBadPort">Whether its port is another well-known service's.</param>
/// <param name="Draw">How many were drawn before it.</param>
internal readonly record struct DialCandidate(
    bool IsDialable,
    Services Services,
    bool IsOwn,
    bool IsDialled,
    bool IsGroupTaken,
    bool IsDiscouraged,
    bool IsBanned,
    bool IsDue,
    bool WasTriedLately,
    bool HasBadPort,
    int Draw);

/// <summary>Whether to dial an address, or why not.</summary>
internal enum DialDecision
{
    Dial,
    NetworkNotDialled,
    MissingServices,
    Own,
    AlreadyDialled,
    GroupTaken,
    Discouraged,
    Banned,
    TooSoon,
    BadPort,
}

/// <summary>Whom to dial: pure functions, so that each branch is a line in a table of tests.</summary>
internal static class OutboundPolicy
{
    /// <summary>Draws from the address book before giving up until the next beat. Bitcoin Core's number.</summary>
    public const int MaxDraws = 100;

    /// <summary>Draws that pass over addresses tried within the last ten minutes. Bitcoin Core's number.</summary>
    public const int DrawsWithoutLatelyTried = 30;

    /// <summary>Draws that pass over the ports of other services. Bitcoin Core's number.</summary>
    public const int DrawsWithoutBadPorts = 50;

    /// <summary>
    /// The kinds of connections that are missing, in the order in which to try for them: a restarted node first returns to its
    /// anchors, so that whoever filled its address book meanwhile does not have it alone.
    /// </summary>
    public static IEnumerable<ConnectionKind> Wanted(OutboundSlots slots)
    {
        if (slots is { HasAnchors: true, FreeQuiet: > 0 })
            yield return ConnectionKind.Quiet;
        if (slots.FreeOutbound > 0)
            yield return ConnectionKind.Outbound;
        // In a network too small for all of them every peer is worth more with its addresses.
        if (slots is { HasAnchors: false, FreeQuiet: > 0, FreeOutbound: <= 0 })
            yield return ConnectionKind.Quiet;
        // One probe at a time: a newcomer on trial or, if there is none to be had, a feeler.
        if (slots is { IsNewcomerDue: true, FreeOutbound: 0 })
            yield return ConnectionKind.Outbound;
        if (slots is { IsFeelerDue: true, FreeOutbound: >= 0 })
            yield return ConnectionKind.Feeler;
    }

    /// <summary>
    /// Which of the full outbound peers makes room after a trial: the one whose last first delivery is longest ago, of equals
    /// the latest to come. So whoever brings nothing first is replaced in time, an eclipse wears off, and a network without
    /// messages keeps its peers. (Bitcoin Core goes by block announcements.) The only peer of a network stays: it may be the
    /// only bridge to it. Where there are as many networks as peers it is the latest to come all the same.
    /// </summary>
    /// <param name="peers">At least one.</param>
    public static OutboundRecord Worst(IReadOnlyCollection<OutboundRecord> peers)
    {
        OutboundRecord[] spare = [.. peers.Where(peer => peers.Count(other => other.Network == peer.Network) > 1)];
        return spare.Length == 0
            ? peers.MaxBy(peer => peer.Id)
            : spare.OrderBy(peer => peer.LastFirstDelivery).ThenByDescending(peer => peer.Id).First();
    }

    public static DialDecision Judge(in DialCandidate candidate) => candidate switch
    {
        { IsDialable: false } => DialDecision.NetworkNotDialled,
        { IsOwn: true } => DialDecision.Own,
        { IsBanned: true } => DialDecision.Banned,
        { IsDiscouraged: true } => DialDecision.Discouraged,
        { IsDialled: true } => DialDecision.AlreadyDialled,
        // Peers in one group are cheap for one attacker: those that stay must not share any.
        { IsGroupTaken: true } => DialDecision.GroupTaken,
        { IsDue: false } => DialDecision.TooSoon,
        { WasTriedLately: true, Draw: < DrawsWithoutLatelyTried } => DialDecision.TooSoon,
        // Whoever spreads addresses of mail servers must not make the overlay knock there.
        { HasBadPort: true, Draw: < DrawsWithoutBadPorts } => DialDecision.BadPort,
        _ when !candidate.Services.HasFlag(Services.Logos) => DialDecision.MissingServices,
        _ => DialDecision.Dial,
    };
}
