using Logos.P2P.Fuzz.World;
using Logos.P2P.Wire;

namespace Logos.P2P.Fuzz.Model;

/// <summary>What the node's words mean to the model.</summary>
internal sealed partial class ModelSpeech
{
    /// <summary>The node asks nobody twice for the same message, as long as it remembers: 30 s.</summary>
    private static readonly TimeSpan SurelyNotAskedAgain = TimeSpan.FromSeconds(9);

    /// <summary>The node says something.</summary>
    /// <returns>What is wrong with that; null when nothing is.</returns>
    public string? Hear(ModelPeer peer, Told told)
    {
        switch (told.Command)
        {
            case Command.Addr or Command.AddrV2:
                return HearAddresses(peer, told);
            case Command.GetData:
                return HearQuestions(peer, told);
            case Command.Want:
                return HearWant(peer, told);
            case Command.Inv:
                return HearInventory(peer, told);
            case Command.Have:
                return HearHave(peer, told);
            case Command.Logos:
                return HearLogos(peer, ModelMessages.NumberOf(MessageId.Compute(told.Payload)));
            case Command.Late or Command.Early or Command.Graft:
                return peer.IsKeyed && model.Learns ? null : "nobody who understands it";
            case Command.Ping when !(peer.Expected.TryPeek(out Expected first) && first.Command == Command.Ping):
                return HearPing(peer, told);
            default:
                return HearExpected(peer, told);
        }
    }

    private string? HearExpected(ModelPeer peer, Told told)
    {
        if (!peer.Expected.TryDequeue(out Expected expected))
            return "nothing was to be sent";
        if (expected.Command != told.Command || (expected.Payload is { } payload && !told.Payload.AsSpan().SequenceEqual(payload)))
            return $"{expected.Command} was to be sent";
        if (told.Command == Command.Ping)
            Pinged(peer, told);
        return null;
    }

    private string? HearPing(ModelPeer peer, Told told)
    {
        if (!peer.IsComplete || peer.Ping is not null || model.Now < peer.PingedAt + NodeDefaults.PingInterval)
            return "it is not time for one";
        Pinged(peer, told);
        return null;
    }

    private void Pinged(ModelPeer peer, Told told)
    {
        peer.PingedAt = model.Now;
        peer.Ping = BitConverter.ToUInt64(told.Payload);
    }

    private static string? HearAddresses(ModelPeer peer, Told told)
    {
        bool isV2 = told.Command == Command.AddrV2;
        var addresses = new List<TimedAddress>();
        if (AddressListCodec.TryRead(told.Payload, isV2, addresses) != DecodeStatus.Ok || addresses.Count == 0)
            return "it cannot be read";
        return !peer.IsOpen ? "it has not taken part in gossip" : isV2 != peer.WantsAddrV2 ? "that is the other form" : null;
    }

    private string? HearQuestions(ModelPeer peer, Told told)
    {
        if (peer.IsKeyed)
            return "it is asked by short ids";
        return HearItems(told, item => HearQuestion(peer, item));
    }

    private string? HearWant(ModelPeer peer, Told told)
    {
        if (!peer.IsKeyed || peer.Connection.NodeKey is not { } key)
            return "nobody who understands it";
        return HearNames(told, key, peer.Announced.Keys.Concat(peer.MayBeAsked), item => HearQuestion(peer, item));
    }

    private string? HearQuestion(ModelPeer peer, int item)
    {
        if (!peer.Announced.ContainsKey(item) && !peer.MayBeAsked.Contains(item))
            return model.IsSeen(item) ? $"message {item} is here" : $"it has not announced message {item}";
        if (peer.Asked.TryGetValue(item, out TimeSpan asked) && model.Now - asked < SurelyNotAskedAgain)
            return $"it was asked for message {item} before";
        peer.Asked[item] = model.Now;
        return null;
    }

    private string? HearInventory(ModelPeer peer, Told told) => peer.IsKeyed || !model.MayAnnounce
        ? "messages are not announced to it in this way"
        : HearItems(told, item => HearTold(peer, item));

    private string? HearHave(ModelPeer peer, Told told)
    {
        if (!peer.IsKeyed || !model.MayAnnounce)
            return "messages are not announced to it in this way";
        int[] candidates = [.. peer.Owed.Keys, .. peer.MayBeTold];
        return HearNames(told, Handshakes.PeersKey, candidates, item =>
        {
            peer.Offered.Add(item);
            return HearTold(peer, item);
        });
    }

    private string? HearLogos(ModelPeer peer, int item)
    {
        if (peer.Served.Remove(item))
            return null;
        return model.MayPush(peer) ? HearTold(peer, item) : "messages are only announced to it";
    }

    /// <summary>It is told of a message that it did not ask for: once, and only if it has not said that it has it.</summary>
    private static string? HearTold(ModelPeer peer, int item) =>
        peer.Owed.Remove(item) || peer.MayBeTold.Remove(item) ? null : $"it was not to be told of message {item}, or was before";

    private static string? HearItems(Told told, Func<int, string?> hear)
    {
        if (InventoryCodec.TryRead(told.Payload, out InventoryList list) != DecodeStatus.Ok || list.Count == 0)
            return "it cannot be read";
        string? wrong = null;
        for (int i = 0; i < list.Count && wrong is null; i++)
            wrong = hear(ModelMessages.NumberOf(list[i].Id));
        return wrong;
    }

    private static string? HearNames(Told told, ShortIdKey key, IEnumerable<int> candidates, Func<int, string?> hear)
    {
        if (ShortIdCodec.TryRead(told.Payload, out ShortIdList list) != DecodeStatus.Ok)
            return "it cannot be read";
        int[] items = [.. candidates];
        string? wrong = null;
        for (int i = 0; i < list.Count && wrong is null; i++)
        {
            ShortId name = list[i];
            int item = Array.FindIndex(items, candidate => ShortId.Of(ModelMessages.IdOf(candidate), key) == name);
            wrong = item < 0 ? $"{name.Value:x12} is nothing that may be named to it" : hear(items[item]);
        }

        return wrong;
    }
}
