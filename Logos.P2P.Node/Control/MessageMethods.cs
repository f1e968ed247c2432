using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Logos.P2P.Diagnostics;
using Logos.P2P.Wire;

namespace Logos.P2P.Node.Control;

/// <summary>Methods about messages. Bitcoin has none of these.</summary>
internal static class MessageMethods
{
    private const string Group = "Messages";

    public static ImmutableArray<RpcMethod> All { get; } =
    [
        new RpcMethod(
            "propagate",
            Group,
            [new RpcParameter("hex", JsonValueKind.String, $"the bytes in hex, {WireLimits.MaxPayload} at most")],
            "Sends a message to every node.",
            "id (its name: Blake2b-256 of its bytes, in hex), sent (whether a peer was connected; if not, it was not sent)",
            Propagate),
        new RpcMethod(
            "senddirect",
            Group,
            [
                new RpcParameter("nodeid", JsonValueKind.Number, "the peer's id, as getpeerinfo tells it", TakesText: true),
                new RpcParameter("hex", JsonValueKind.String, $"the bytes in hex, {WireLimits.MaxPayload} at most"),
            ],
            "Sends a message to the upper layer of one peer alone. It is not passed on.",
            "sent (false when the peer's queue is full)",
            SendDirect),
        new RpcMethod(
            "getrelayinfo", Group, [], "What has become of messages since the node was started.",
            "mode (that of -relay), received, propagated, rejected, duplicates, handlerfailures (numbers of messages), seen (remembered), "
            + "stored and important (kept for those who ask: messages and bytes), queued (bytes that wait for peers), dropped (what was "
            + "ignored, by reason)",
            (context, _) => GetRelayInfo(context)),
        new RpcMethod(
            "getmessageinfo",
            Group,
            [new RpcParameter("id", JsonValueKind.String, "the message's name")],
            $"When a message was here first, sent or received. Of the latest {Messages.Remembered} that is known.",
            "id, direction (sent or received), timemicros (since 1970); of one received also peer (the number of the connection), "
            + "addr (its other end) and verdict (propagate, consume or reject)",
            GetMessageInfo),
    ];

    private static JsonObject Propagate(RpcContext context, RpcArguments arguments)
    {
        byte[] message = ReadMessage(arguments.Text(0));
        bool isSent = context.Messages.Propagate(context.Node, message, out MessageId id);
        return new JsonObject { ["id"] = id.ToString(), ["sent"] = isSent };
    }

    private static JsonObject SendDirect(RpcContext context, RpcArguments arguments)
    {
        byte[] message = ReadMessage(arguments.Text(1));
        long id = arguments.OptionalNumber(0)!.Value;
        if (!context.Node.GetPeers().Any(peer => peer.Id == id && peer.IsReady))
            throw new RpcException(RpcErrorCode.NodeNotConnected, "Node not found in connected nodes");
        return new JsonObject { ["sent"] = context.Node.SendDirect(id, message) };
    }

    private static byte[] ReadMessage(string hex)
    {
        try
        {
            byte[] message = Convert.FromHexString(hex);
            return message.Length <= WireLimits.MaxPayload
                ? message
                : throw new RpcException(RpcErrorCode.InvalidParameter, $"a message has at most {WireLimits.MaxPayload} bytes");
        }
        catch (FormatException)
        {
            throw new RpcException(RpcErrorCode.Deserialization, "hex must be an even number of hex digits");
        }
    }

    private static JsonObject GetRelayInfo(RpcContext context)
    {
        P2PMetrics metrics = context.Node.Metrics;
        var info = new JsonObject
        {
            ["mode"] = context.Options.Relay.ToString().ToLowerInvariant(),
            ["received"] = metrics.MessagesReceived,
            ["propagated"] = metrics.MessagesPropagated,
            ["rejected"] = metrics.MessagesRejected,
            ["duplicates"] = metrics.Dropped(DropReason.Duplicate),
            ["handlerfailures"] = metrics.HandlerFailures,
        };
        if (context.Node.GetMemory() is { } memory)
        {
            info["seen"] = memory.SeenMessages.Entries;
            info["stored"] = Describe(memory.MessageStore);
            info["important"] = Describe(memory.ImportantMessages);
            info["queued"] = memory.SendQueues.Bytes;
        }

        info["dropped"] = new JsonObject(
            from reason in Enum.GetValues<DropReason>()
            let count = metrics.Dropped(reason)
            where count > 0
            select KeyValuePair.Create<string, JsonNode?>(reason.ToString(), count));
        return info;
    }

    private static JsonObject Describe(MemoryUse messages) =>
        new() { ["messages"] = messages.Entries, ["bytes"] = messages.Bytes };

    private static JsonObject GetMessageInfo(RpcContext context, RpcArguments arguments)
    {
        string text = arguments.Text(0);
        if (text.Length != 2 * MessageId.Size || text.Any(c => !char.IsAsciiHexDigit(c)))
            throw new RpcException(RpcErrorCode.InvalidParameter, $"id must be {2 * MessageId.Size} hex digits");
        var id = new MessageId(Convert.FromHexString(text));
        MessageRecord message = context.Messages.Find(id)
            ?? throw new RpcException(RpcErrorCode.NotFound, "No such message was here lately");
        var info = new JsonObject
        {
            ["id"] = id.ToString(),
            ["direction"] = message.From is null ? "sent" : "received",
            ["timemicros"] = message.Time,
        };
        if (message.From is { } from)
        {
            info["peer"] = from.PeerId;
            info["addr"] = from.Endpoint.ToString();
            info["verdict"] = message.Verdict.ToString()!.ToLowerInvariant();
        }

        return info;
    }
}
