using Logos.P2P.Wire;

namespace Logos.P2P.Dialing;

/// <summary>What is known about an address that might be dialled.</summary>
/// <param name="Network">Its network.</param>
/// <param name="Services">What it is said to offer.</param>
/// <param name="IsOwn">Whether it leads to ourselves.</param>
/// <param name="IsDialled">Whether we dialled it already.</param>
/// <param name="IsGroupTaken">Whether an outbound peer is in its group.</param>
/// <param name="IsDiscouraged">Whether its host broke a rule.</param>
/// <param name="IsDue">Whether enough time has passed since it was last tried.</param>
internal readonly record struct DialCandidate(
    NetworkId Network,
    Services Services,
    bool IsOwn,
    bool IsDialled,
    bool IsGroupTaken,
    bool IsDiscouraged,
    bool IsDue);

/// <summary>Whether to dial an address, or why not.</summary>
internal enum DialDecision
{
    Dial,
    NoTransport,
    MissingServices,
    Own,
    AlreadyDialled,
    GroupTaken,
    Discouraged,
    TooSoon,
}

/// <summary>Whom to dial: a pure function, so that each branch is a line in a table of tests.</summary>
internal static class OutboundPolicy
{
    public static DialDecision Judge(in DialCandidate candidate) => candidate switch
    {
        { Network: not (NetworkId.IPv4 or NetworkId.IPv6) } => DialDecision.NoTransport,
        { IsOwn: true } => DialDecision.Own,
        { IsDiscouraged: true } => DialDecision.Discouraged,
        { IsDialled: true } => DialDecision.AlreadyDialled,
        // Peers in one group are cheap for one attacker: outbound peers must not share any.
        { IsGroupTaken: true } => DialDecision.GroupTaken,
        { IsDue: false } => DialDecision.TooSoon,
        _ when !candidate.Services.HasFlag(Services.Logos) => DialDecision.MissingServices,
        _ => DialDecision.Dial,
    };
}
