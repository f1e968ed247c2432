using Microsoft.AspNetCore.Http;

namespace Logos.P2P.Node.Control;

/// <summary>
/// What tells a supervisor whether to restart the node, and whether to send anybody to it. Anybody may ask; nothing else is told.
/// </summary>
internal sealed class HealthEndpoint(P2PNode node)
{
    /// <summary>Answers a request if it is for us.</summary>
    /// <returns>False when it is not.</returns>
    public bool TryHandle(HttpContext context)
    {
        bool? isWell = context.Request.Path.Value switch
        {
            // That it answers says all.
            "/health/live" => true,
            "/health/ready" => node.ListeningEndpoints.Count > 0 && node.ConnectionCount > 0,
            _ => null,
        };
        if (isWell is null)
            return false;
        context.Response.StatusCode = isWell.Value ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return true;
    }

    /// <summary>Answers a request where health is all there is.</summary>
    public Task HandleAsync(HttpContext context)
    {
        if (!TryHandle(context))
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
