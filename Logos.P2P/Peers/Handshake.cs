using Logos.P2P.Wire;

namespace Logos.P2P.Peers;

/// <summary>What a message means for the handshake.</summary>
internal enum HandshakeAction
{
    /// <summary>The message is not the handshake's; it is complete, so others may handle it.</summary>
    NotMine,

    /// <summary>The message is ignored and counted.</summary>
    Ignore,

    /// <summary>Noted. Nothing to send.</summary>
    Wait,

    /// <summary>Send `version` (inbound only, outbound sent it first), then `sendaddrv2` and `verack`.</summary>
    Answer,

    /// <summary>The handshake is complete.</summary>
    Complete,

    /// <summary>Disconnect.</summary>
    Disconnect,
}

/// <summary>The handshake's answer to one message.</summary>
/// <param name="Action">What to do.</param>
/// <param name="Drop">Why, for <see cref="HandshakeAction.Ignore"/>.</param>
/// <param name="Reason">Why, for <see cref="HandshakeAction.Disconnect"/>.</param>
internal readonly record struct HandshakeStep(
    HandshakeAction Action, DropReason Drop = default, DisconnectReason Reason = default)
{
    public static HandshakeStep Disconnect(DisconnectReason reason) => new(HandshakeAction.Disconnect, Reason: reason);

    public static HandshakeStep Ignore(DropReason drop) => new(HandshakeAction.Ignore, Drop: drop);
}

/// <summary>
/// The handshake of one connection as a state machine without input or output. Bitcoin Core's rules:
/// <code>
///   start --version--> introduced --verack--> complete
///                      (sendaddrv2, feature)
/// </code>
/// Before `version` everything else is ignored; between the two only negotiation counts; afterwards negotiation is a
/// violation and another `version` or `verack` is ignored.
/// </summary>
/// <param name="requiredServices">What the peer must offer; none for inbound peers.</param>
/// <param name="isOwnNonce">Whether a nonce is one we sent on another connection: then the peer is ourselves.</param>
internal sealed class Handshake(Services requiredServices, Func<ulong, bool> isOwnNonce)
{
    private volatile State _state;

    private enum State
    {
        Start,
        Introduced,
        Complete,
    }

    /// <summary>Whether messages may flow.</summary>
    public bool IsComplete => _state == State.Complete;

    /// <summary>Whether anything valid was received at all.</summary>
    public bool IsStarted => _state != State.Start;

    /// <summary>The peer's `version`, even when it was refused; null before it.</summary>
    public VersionMessage? PeerVersion { get; private set; }

    /// <summary>Whether the peer asked for `addrv2`.</summary>
    public bool WantsAddrV2 { get; private set; }

    /// <summary>Under which key the peer wants messages named to it; null when it does not speak `logos.relay`.</summary>
    public ShortIdKey? RelayKey { get; private set; }

    /// <summary>Whether the peer speaks `logos.chunk`.</summary>
    public bool TakesChunks { get; private set; }

    /// <summary>Takes the next message from the peer.</summary>
    public HandshakeStep Receive(Command command, ReadOnlySpan<byte> payload) => command switch
    {
        Command.Version => ReceiveVersion(payload),
        Command.Verack => ReceiveVerack(),
        Command.SendAddrV2 => ReceiveNegotiation(() => WantsAddrV2 = true),
        Command.Feature => ReceiveFeature(payload),
        _ => IsComplete
            ? new HandshakeStep(HandshakeAction.NotMine)
            : HandshakeStep.Ignore(DropReason.BeforeHandshake),
    };

    private HandshakeStep ReceiveVersion(ReadOnlySpan<byte> payload)
    {
        if (IsStarted)
            return HandshakeStep.Ignore(DropReason.RedundantHandshake);
        if (VersionMessage.TryRead(payload, out VersionMessage? version) != DecodeStatus.Ok)
            return HandshakeStep.Disconnect(DisconnectReason.HandshakeViolation);
        PeerVersion = version;
        if (isOwnNonce(version!.Nonce))
            return HandshakeStep.Disconnect(DisconnectReason.SelfConnection);
        if (version.ProtocolVersion < ProtocolVersion.Minimum)
            return HandshakeStep.Disconnect(DisconnectReason.ObsoleteVersion);
        if ((version.Services & requiredServices) != requiredServices)
            return HandshakeStep.Disconnect(DisconnectReason.MissingServices);

        _state = State.Introduced;
        return new HandshakeStep(HandshakeAction.Answer);
    }

    private HandshakeStep ReceiveVerack()
    {
        switch (_state)
        {
            case State.Start:
                return HandshakeStep.Ignore(DropReason.BeforeHandshake);
            case State.Complete:
                return HandshakeStep.Ignore(DropReason.RedundantHandshake);
            default:
                _state = State.Complete;
                return new HandshakeStep(HandshakeAction.Complete);
        }
    }

    /// <summary>BIP434: a feature that we do not know is well, a malformed one is a violation.</summary>
    private HandshakeStep ReceiveFeature(ReadOnlySpan<byte> payload)
    {
        if (_state != State.Introduced)
            return ReceiveNegotiation(static () => { });
        if (FeatureMessage.TryRead(payload, out FeatureMessage feature) != DecodeStatus.Ok)
            return HandshakeStep.Disconnect(DisconnectReason.HandshakeViolation);
        // It was offered nothing in return, so it would be spoken to in names under a key that it was never told.
        if (PeerVersion!.ProtocolVersion < ProtocolVersion.Current)
            return new HandshakeStep(HandshakeAction.Wait);
        if (feature.Id.Span.SequenceEqual(Features.Relay))
        {
            if (!ShortIdKey.TryRead(feature.Data.Span, out ShortIdKey key))
                return HandshakeStep.Disconnect(DisconnectReason.HandshakeViolation);
            RelayKey = key;
        }
        else if (feature.Id.Span.SequenceEqual(Features.Chunk))
        {
            TakesChunks = true;
        }

        return new HandshakeStep(HandshakeAction.Wait);
    }

    private HandshakeStep ReceiveNegotiation(Action accept)
    {
        switch (_state)
        {
            case State.Start:
                return HandshakeStep.Ignore(DropReason.BeforeHandshake);
            case State.Complete:
                return HandshakeStep.Disconnect(DisconnectReason.HandshakeViolation);
            default:
                accept();
                return new HandshakeStep(HandshakeAction.Wait);
        }
    }
}
