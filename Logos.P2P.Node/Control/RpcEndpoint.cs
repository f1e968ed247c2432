using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Logos.P2P.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Node.Control;

/// <summary>The door of the control interface: who may come in, in Bitcoin Core's order and with its statuses.</summary>
internal sealed class RpcEndpoint(
    ControlSettings settings, Credentials credentials, RpcDispatcher dispatcher, HealthEndpoint health, ILogger logger)
{
    /// <summary>The longest body: a message of the largest size in hex, and room for what is around it.</summary>
    public const long MaxBody = (2 * WireLimits.MaxPayload) + 65_536;

    /// <summary>
    /// Nothing but control characters and quotes is escaped: the answer is no part of a page. Made at the start, and not by the first
    /// request: when that comes in a moment in which no assembly can be loaded, a static member is broken for good.
    /// </summary>
    private readonly JsonSerializerOptions _writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Answers a request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        if (!IsAllowed(context))
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
        else if (health.TryHandle(context))
            return;
        else if (context.Request.Path != "/")
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        else if (!HttpMethods.IsPost(context.Request.Method))
            await RefuseMethodAsync(context.Response).ConfigureAwait(false);
        else if (!await IsOperatorAsync(context).ConfigureAwait(false))
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        else
            await AnswerAsync(context).ConfigureAwait(false);
    }

    /// <summary>
    /// Whether a request names this machine by an address, as localhost or by its own name. Another name is that of a page which has
    /// it lead here (DNS rebinding), and which the browser therefore takes for ours.
    /// </summary>
    private static bool IsNamedRight(HostString host) =>
        !host.HasValue
        || IPAddress.TryParse(host.Host.Trim('[', ']'), out _)
        || host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.Host.Equals(Environment.MachineName, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Whether a request may come from where it does. Browsers say which page asks, and no page has business here: a password
    /// that a browser knows must not serve whatever page is open in it.
    /// </summary>
    private bool IsAllowed(HttpContext context)
    {
        IPAddress from = context.Connection.RemoteIpAddress!;
        NetAddress address = NetAddress.From(from);
        return !context.Request.Headers.ContainsKey("Origin")
            && IsNamedRight(context.Request.Host)
            && (IPAddress.IsLoopback(from) || settings.Allowed.Any(subnet => subnet.Contains(address)));
    }

    private async Task<bool> IsOperatorAsync(HttpContext context)
    {
        string authorization = context.Request.Headers.Authorization.ToString();
        if (credentials.Fit(authorization))
            return true;
        context.Response.Headers.WWWAuthenticate = "Basic realm=\"jsonrpc\"";
        if (authorization.Length > 0)
            await Credentials.RefuseAsync(logger, context.RequestAborted).ConfigureAwait(false);
        return false;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        RpcReply reply;
        try
        {
            reply = dispatcher.Handle(
                await RpcDispatcher.ReadAsync(context.Request.Body, context.RequestAborted).ConfigureAwait(false));
        }
        catch (JsonException)
        {
            reply = RpcDispatcher.Unreadable("Parse error");
        }
        catch (BadHttpRequestException e)
        {
            // Too long, or too slow.
            context.Response.StatusCode = e.StatusCode;
            return;
        }

        context.Response.StatusCode = reply.Status;
        if (reply.Body is null)
            return;
        byte[] body = Encoding.UTF8.GetBytes($"{reply.Body.ToJsonString(_writing)}\n");
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
    }

    private static Task RefuseMethodAsync(HttpResponse response)
    {
        response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        response.Headers.Allow = "POST";
        return response.WriteAsync("JSONRPC server handles only POST requests");
    }
}
