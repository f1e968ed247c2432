using System.Text.Json;
using System.Text.Json.Nodes;
using Logos.P2P.Node.Control;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Node.Views;

/// <summary>
/// What the operator does on the page: methods of the control interface, for whoever shows what that believes him by. Only the
/// page itself may ask.
/// </summary>
internal sealed class ViewActions(Credentials credentials, RpcDispatcher dispatcher, ILogger logger)
{
    public const string Path = "/rpc";

    /// <summary>The longest request: a method with a few short arguments.</summary>
    public const long MaxBody = 4096;

    /// <summary>What buttons do.</summary>
    private static readonly string[] Methods = ["setban", "listbanned", "disconnectnode"];

    /// <summary>Answers a request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        HttpResponse response = context.Response;
        if (!HttpMethods.IsPost(request.Method))
        {
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        }
        else if (request.Headers.Origin != $"http://{request.Host}" || request.ContentType != "application/json")
        {
            // Not our page.
            response.StatusCode = StatusCodes.Status403Forbidden;
        }
        else if (!credentials.Fit(request.Headers.Authorization.ToString()))
        {
            await Credentials.RefuseAsync(logger, context.RequestAborted).ConfigureAwait(false);
            // Without the header by which browsers ask for a password themselves and then remember it.
            response.StatusCode = StatusCodes.Status401Unauthorized;
        }
        else
        {
            await AnswerAsync(context).ConfigureAwait(false);
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        JsonNode? body;
        try
        {
            body = await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted).ConfigureAwait(false);
        }
        catch (JsonException)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }
        catch (BadHttpRequestException e)
        {
            context.Response.StatusCode = e.StatusCode;
            return;
        }

        if (body is not JsonObject call || call["method"] is not JsonValue method || !method.TryGetValue(out string? name)
            || !Methods.Contains(name))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        RpcReply reply = dispatcher.Handle(call);
        context.Response.StatusCode = reply.Status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(reply.Body?.ToJsonString() ?? "", context.RequestAborted).ConfigureAwait(false);
    }
}
