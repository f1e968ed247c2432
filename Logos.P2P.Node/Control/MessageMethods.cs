using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
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
        byte[] message;
        try
        {
            message = Convert.FromHexString(arguments.Text(0));
        }
        catch (FormatException)
        {
            throw new RpcException(RpcErrorCode.Deserialization, "hex must be an even number of hex digits");
        }

        if (message.Length > WireLimits.MaxPayload)
            throw new RpcException(RpcErrorCode.InvalidParameter, $"a message has at most {WireLimits.MaxPayload} bytes");
        bool isSent = context.Messages.Propagate(context.Node, message, out MessageId id);
        return new JsonObject { ["id"] = id.ToString(), ["sent"] = isSent };
    }

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
