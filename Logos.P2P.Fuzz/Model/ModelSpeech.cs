using Logos.P2P.Fuzz.World;
using Logos.P2P.Wire;

namespace Logos.P2P.Fuzz.Model;

/// <summary>The words: what an action is on the wire and in the model, and what the node's words mean to the model.</summary>
internal sealed partial class ModelSpeech(ProtocolModel model, NodeInMemory node)
{
    private static readonly TimeSpan[] Pauses =
    [
        TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(11), TimeSpan.FromSeconds(16),
        TimeSpan.FromSeconds(0.1),
    ];

    private static readonly Command[] RelayWords =
        [Command.Late, Command.Early, Command.Coming, Command.Hold, Command.Graft, Command.LackShort];

    private static readonly Command[] ChunkWords = [Command.Chunks, Command.Chunk, Command.HaveChunk, Command.WantChunk];

    private FramePool Frames => node.PeersFrames;

    public static TimeSpan PauseOf(int variant) => Pauses[variant];

    /// <summary>A peer says something.</summary>
    public void Say(ModelPeer peer, ModelAction action)
    {
        peer.LastHeard = model.Now;
        PeerInMemory connection = peer.Connection;
        int variant = action.Variant, item = action.Item;
        switch (action.Kind)
        {
            case ActionKind.Version:
                SayVersion(peer, variant);
                break;
            case ActionKind.Verack:
                connection.Say(Frames.Create(Command.Verack));
                HearVerack(peer);
                break;
            case ActionKind.SendAddrV2:
                connection.Say(Frames.Create(Command.SendAddrV2));
                if (MayNegotiate(peer))
                    peer.WantsAddrV2 = true;
                break;
            case ActionKind.Feature:
                SayFeature(peer, variant);
                break;
            case ActionKind.Ping:
                SayPing(peer, variant, item);
                break;
            case ActionKind.Pong:
                SayPong(peer, variant);
                break;
            case ActionKind.GetAddr:
                connection.Say(Frames.Create(Command.GetAddr));
                if (!model.IsReady(peer))
                    break;
                if (peer.IsManual || peer.WasAnswered)
                    model.Drop(DropReason.GetAddrRefused);
                else
                    peer.WasAnswered = peer.IsOpen = true;
                break;
            case ActionKind.Addresses:
                SayAddresses(peer, variant, item);
                break;
            case ActionKind.Inventory or ActionKind.GetData or ActionKind.NotFound:
                SayInventory(peer, action);
                break;
            case ActionKind.Logos:
                connection.Say(Frames.Create(Command.Logos, ModelMessages.At(item)));
                if (model.IsReady(peer))
                    model.Arrive(peer, item);
                break;
            case ActionKind.Direct:
                connection.Say(Frames.Create(Command.Direct, ModelMessages.At(item)));
                if (model.IsReady(peer))
                    model.HandedOver.Add(ModelMessages.IdOf(item));
                break;
            case ActionKind.Have or ActionKind.Want:
                SayName(peer, action);
                break;
            case ActionKind.RelayWord:
                SayWord(peer, RelayWords[item % RelayWords.Length], peer.IsKeyed, isGood: variant == 0, item);
                break;
            case ActionKind.ChunkWord:
                // What chunks are about is another story; here nobody is to understand them who has not offered to.
                if (!(peer.IsKeyed && peer.TakesChunks && model.Learns))
                    SayWord(peer, ChunkWords[item % ChunkWords.Length], isUnderstood: false, isGood: false, item);
                break;
            case ActionKind.Unknown:
                connection.Say(Handshakes.UnknownFrame(Frames, ModelMessages.At(item)));
                model.Drop(DropReason.UnknownCommand);
                break;
            case ActionKind.Leave:
                connection.Leave();
                model.Disconnect(peer, DisconnectReason.RemoteClosed);
                break;
            default:
                SayNonsense(peer, action);
                break;
        }
    }

    private void SayVersion(ModelPeer peer, int variant)
    {
        VersionMessage version = Handshakes.Version();
        version = variant switch
        {
            1 => version with { ProtocolVersion = ProtocolVersion.Minimum },
            2 => version with { ProtocolVersion = ProtocolVersion.Minimum - 1 },
            4 => version with { Services = Services.None },
            _ => version,
        };
        byte[] payload = new byte[version.GetSize()];
        version.Write(payload);
        peer.Connection.Say(Frames.Create(Command.Version, variant == 3 ? payload.AsSpan(0, 20) : payload));
        if (peer.State != ModelState.Start)
        {
            model.Drop(DropReason.RedundantHandshake);
            return;
        }

        DisconnectReason reason = variant switch
        {
            2 => DisconnectReason.ObsoleteVersion,
            3 => DisconnectReason.HandshakeViolation,
            4 when peer.IsManual => DisconnectReason.MissingServices,
            _ => DisconnectReason.None,
        };
        if (reason != DisconnectReason.None)
        {
            model.Disconnect(peer, reason);
            return;
        }

        peer.State = ModelState.Introduced;
        peer.IsOld = variant == 1;
        if (!peer.IsManual)
            peer.Expect(Command.Version);
        peer.Expect(Command.SendAddrV2, []);
        if (variant != 1)
        {
            peer.Expect(Command.Feature);
            if (model.Learns)
                peer.Expect(Command.Feature);
        }

        peer.Expect(Command.Verack, []);
    }

    private void HearVerack(ModelPeer peer)
    {
        switch (peer.State)
        {
            case ModelState.Start:
                model.Drop(DropReason.BeforeHandshake);
                break;
            case ModelState.Complete:
                model.Drop(DropReason.RedundantHandshake);
                break;
            case ModelState.Introduced:
                peer.State = ModelState.Complete;
                peer.OpenedAt = model.Now;
                peer.Expect(Command.Ping);
                if (!peer.IsManual)
                    break;
                peer.IsOpen = true;
                peer.Expect(Command.GetAddr, []);
                break;
        }
    }

    private bool MayNegotiate(ModelPeer peer)
    {
        if (peer.State == ModelState.Start)
            model.Drop(DropReason.BeforeHandshake);
        else if (peer.IsComplete)
            model.Disconnect(peer, DisconnectReason.HandshakeViolation);
        return peer.State == ModelState.Introduced;
    }

    private void SayFeature(ModelPeer peer, int variant)
    {
        peer.Connection.Say(variant switch
        {
            0 => Frames.Create(Handshakes.RelayFeature()),
            1 => Frames.Create(new FeatureMessage(Features.Chunk.ToArray(), default)),
            2 => Frames.Create(new FeatureMessage("later"u8.ToArray(), default)),
            3 => Frames.Create(Command.Feature, [1, 2, 3]),
            _ => Frames.Create(new FeatureMessage(Features.Relay.ToArray(), new byte[ShortIdKey.Size - 1])),
        });
        if (!MayNegotiate(peer))
            return;
        if (variant == 3 || (variant > 3 && !peer.IsOld))
            model.Disconnect(peer, DisconnectReason.HandshakeViolation);
        // Who is too old to be offered features cannot offer any either.
        peer.IsKeyed |= variant == 0 && !peer.IsOld;
        peer.TakesChunks |= variant == 1 && !peer.IsOld;
    }

    private void SayPing(ModelPeer peer, int variant, int item)
    {
        byte[] nonce = BitConverter.GetBytes((ulong)item);
        switch (variant)
        {
            case 1:
                peer.Connection.Say(Frames.Create(Command.Ping, nonce.AsSpan(0, 3)));
                if (model.IsReady(peer))
                    model.Bad(peer, DropReason.Malformed);
                break;
            default:
                peer.Connection.Say(Frames.Create(Command.Ping, nonce));
                if (model.IsReady(peer))
                    peer.Expect(Command.Pong, nonce);
                break;
        }
    }

    private void SayPong(ModelPeer peer, int variant)
    {
        ulong nonce = variant switch { 1 => ~(peer.Ping ?? 0), 2 => 0, _ => peer.Ping ?? 5 };
        ReadOnlySpan<byte> payload = BitConverter.GetBytes(nonce);
        bool isShort = variant == 3;
        peer.Connection.Say(Frames.Create(Command.Pong, isShort ? payload[..3] : payload));
        if (!model.IsReady(peer))
            return;
        bool isAnswer = peer.Ping is not null && (isShort || nonce == 0 || nonce == peer.Ping);
        if (isAnswer)
            peer.Ping = null;
        else
            model.Drop(DropReason.UnexpectedPong);
        if (isShort)
            model.Bad(peer, DropReason.Malformed);
    }

    private void SayAddresses(ModelPeer peer, int variant, int item)
    {
        byte[] tooMany = [0xFD, 0xE9, 0x03];
        peer.Connection.Say(variant switch
        {
            1 => Frames.Create(Command.AddrV2, tooMany),
            2 => Frames.Create(Command.AddrV2, [5]),
            _ => Frames.Create(Handshakes.Addresses(1 + (item % 3), (uint)node.Loop.Clock.UnixSeconds), v2: variant != 3),
        });
        if (!model.IsReady(peer))
            return;
        if (variant == 1)
            model.Punish(peer, DisconnectReason.TooManyAddresses);
        else if (variant == 2)
            model.Bad(peer, DropReason.Malformed);
        else
            peer.IsOpen = true;
    }

    private void SayInventory(ModelPeer peer, ModelAction action)
    {
        Command command = action.Kind switch
        {
            ActionKind.Inventory => Command.Inv,
            ActionKind.GetData => Command.GetData,
            _ => Command.NotFound,
        };
        byte[] tooMany = [0xFD, 0x51, 0xC3], notShortest = [0xFD, 1, 0], otherType = [1, 1, 0, 0, 0, .. new byte[MessageId.Size]];
        int[] items = action.Variant == 5 ? [action.Item, action.Item + 1, action.Item] : [action.Item];
        peer.Connection.Say(action.Variant switch
        {
            1 => Frames.Create(command, tooMany),
            2 => Frames.Create(command, [3, 0x4C]),
            3 => Frames.Create(command, notShortest),
            4 => Frames.Create(command, otherType),
            _ => Frames.Create(command, [.. items.Select(ModelMessages.IdOf)]),
        });
        if (!model.IsReady(peer))
            return;
        switch (action.Variant)
        {
            case 1:
                model.Punish(peer, DisconnectReason.TooMuchInventory);
                break;
            case 2 or 3:
                model.Bad(peer, DropReason.Malformed);
                break;
            case 0 or 5 when command == Command.GetData:
                model.Serve(peer, items);
                break;
            case 0 or 5 when command == Command.Inv:
                foreach (int item in items)
                    model.Announce(peer, item, isNamed: false);
                break;
        }
    }

    /// <summary>`have` and `want`, with the names that belong there.</summary>
    private void SayName(ModelPeer peer, ModelAction action)
    {
        Command command = action.Kind == ActionKind.Have ? Command.Have : Command.Want;
        if (action.Variant != 0 || peer.Connection.NodeKey is not { } nodeKey)
        {
            SayWord(peer, command, peer.IsKeyed, isGood: false, action.Item);
            return;
        }

        ShortIdKey key = command == Command.Have ? nodeKey : Handshakes.PeersKey;
        peer.Connection.Say(Frames.Create(command, ShortId.Of(ModelMessages.IdOf(action.Item), key)));
        if (!model.IsReady(peer))
            return;
        if (!peer.IsKeyed)
            model.Drop(DropReason.UnknownCommand);
        else if (command == Command.Have)
            model.Announce(peer, action.Item, isNamed: true);
        else if (peer.Offered.Contains(action.Item))
            model.Serve(peer, [action.Item]);
    }

    /// <summary>A command of a feature whose good form has no answer, or three bytes that are none of its forms.</summary>
    private void SayWord(ModelPeer peer, Command command, bool isUnderstood, bool isGood, int item)
    {
        byte[] good = new byte[ShortIdKey.Size + ShortIdCodec.Size];
        good[0] = (byte)item;
        int size = Math.Min(good.Length, command.MaxPayload());
        peer.Connection.Say(Frames.Create(command, isGood ? good.AsSpan(0, command == Command.LackShort ? good.Length : size) : [1, 2, 3]));
        if (!model.IsReady(peer))
            return;
        if (!isUnderstood)
            model.Drop(DropReason.UnknownCommand);
        else if (!isGood)
            model.Bad(peer, DropReason.Malformed);
    }

    private void SayNonsense(ModelPeer peer, ModelAction action)
    {
        byte[] frame = Frame(Command.Ping, new byte[8]);
        switch (action.Kind)
        {
            case ActionKind.WrongMagic:
                frame[0] ^= 1;
                peer.Connection.Say(frame);
                model.Disconnect(peer, DisconnectReason.WrongMagic);
                break;
            case ActionKind.BadChecksum:
                peer.Connection.Say(Handshakes.WithBadChecksum(Frames, Command.Ping, new byte[8]));
                if (peer.IsStarted)
                    model.Bad(peer, DropReason.BadChecksum);
                else
                    model.Disconnect(peer, DisconnectReason.ForeignNetwork);
                break;
            case ActionKind.BadCommand:
                frame[sizeof(uint)] = 0xFF;
                peer.Connection.Say(frame);
                model.Bad(peer, DropReason.BadCommand);
                break;
            case ActionKind.TooLarge:
                // More than any command of its kind may have; or, before the handshake is complete, more than any may.
                byte[] large = Frame(Command.Logos, new byte[WireLimits.MaxHandshakePayload + 1]);
                if (peer.IsComplete)
                    BitConverter.TryWriteBytes(large.AsSpan(16), WireLimits.MaxPayload + 1);
                peer.Connection.Say(large);
                model.Disconnect(peer, DisconnectReason.Oversize);
                break;
        }
    }

    private byte[] Frame(Command command, byte[] payload)
    {
        Frame frame = Frames.Create(command, payload);
        byte[] bytes = frame.Memory.ToArray();
        frame.Release();
        return bytes;
    }
}
