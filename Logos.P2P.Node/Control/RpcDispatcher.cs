using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Node.Control;

/// <summary>What goes back: the status of HTTP and the body, none for null.</summary>
internal readonly record struct RpcReply(int Status, JsonNode? Body);

/// <summary>Answers bodies of requests. Knows nothing of HTTP but the statuses that Bitcoin Core gives to errors.</summary>
internal sealed class RpcDispatcher(RpcContext context, ILogger logger)
{
    private const int Ok = 200, NoContent = 204, BadRequest = 400, NotFound = 404, Failed = 500;

    private static readonly JsonDocumentOptions Reading = new() { AllowDuplicateProperties = false };

    /// <summary>The answer to what cannot be read.</summary>
    public static RpcReply Unreadable(string message) =>
        new(Failed, new RpcRequest().Answer(new RpcException(RpcErrorCode.Parse, message)));

    /// <summary>Reads the body of a request.</summary>
    /// <exception cref="JsonException">It cannot be read.</exception>
    public static async Task<JsonNode?> ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        try
        {
            JsonNode? node = await JsonNode.ParseAsync(
                body, documentOptions: Reading, cancellationToken: cancellationToken).ConfigureAwait(false);
            ReadTexts(node);
            return node;
        }
        catch (InvalidOperationException e)
        {
            // The library's way to say that a name or a string is no text: bytes that are no UTF-8, or half a character.
            throw new JsonException(e.Message, e);
        }
    }

    /// <summary>Answers a request, or a list of some.</summary>
    public RpcReply Handle(JsonNode? body)
    {
        switch (body)
        {
            case JsonObject:
                var request = new RpcRequest();
                JsonObject answer = Answer(request, body, out RpcErrorCode? error);
                if (request.IsNotification)
                    return new RpcReply(NoContent, null);
                return new RpcReply(request.IsVersion2 ? Ok : StatusOf(error), answer);
            case JsonArray batch:
                var answers = new JsonArray();
                foreach (JsonNode? node in batch)
                {
                    var one = new RpcRequest();
                    JsonObject itsAnswer = Answer(one, node, out _);
                    if (!one.IsNotification)
                        answers.Add((JsonNode)itsAnswer);
                }

                return answers.Count == 0 && batch.Count > 0 ? new RpcReply(NoContent, null) : new RpcReply(Ok, answers);
            default:
                return Unreadable("Top-level object parse error");
        }
    }

    /// <summary>Reads all names and strings, which the library does when somebody asks for one: it may fail only here.</summary>
    private static void ReadTexts(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject named:
                foreach ((_, JsonNode? value) in named)
                    ReadTexts(value);
                break;
            case JsonArray list:
                foreach (JsonNode? item in list)
                    ReadTexts(item);
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                value.GetValue<string>();
                break;
        }
    }

    private JsonObject Answer(RpcRequest request, JsonNode? node, out RpcErrorCode? error)
    {
        try
        {
            request.Read(node);
            error = null;
            RpcMethod method = RpcMethods.Find(request.Method);
            using (context.Active.Begin(method.Name))
                return request.Answer(method.Call(context, request.Parameters));
        }
        catch (RpcException e)
        {
            error = e.Code;
            return request.Answer(e);
        }
#pragma warning disable CA1031 // A fault in one method must not take the node down, nor go unseen.
        catch (Exception e)
#pragma warning restore CA1031
        {
            ControlLog.MethodFailed(logger, e, request.Method);
            error = RpcErrorCode.Misc;
            return request.Answer(new RpcException(RpcErrorCode.Misc, e.Message));
        }
    }

    private static int StatusOf(RpcErrorCode? error) => error switch
    {
        null => Ok,
        RpcErrorCode.InvalidRequest => BadRequest,
        RpcErrorCode.MethodNotFound => NotFound,
        _ => Failed,
    };
}
