using System.Collections.Immutable;
using System.Net;
using Logos.P2P.Wire;

namespace Logos.P2P.Node.Control;

/// <summary>Where the program listens for its operator, and whom it believes to be him.</summary>
internal sealed record ControlSettings
{
    /// <summary>Where requests are taken; nowhere when empty.</summary>
    public required ImmutableArray<IPEndPoint> Endpoints { get; init; }

    /// <summary>
    /// Whether the operator said where. Otherwise a second node on the machine finds the place taken, and goes on without.
    /// </summary>
    public required bool IsNamed { get; init; }

    /// <summary>Where health alone is told; nowhere when empty.</summary>
    public required ImmutableArray<IPEndPoint> HealthEndpoints { get; init; }

    /// <summary>Who may ask, besides this machine.</summary>
    public required ImmutableArray<Subnet> Allowed { get; init; }

    /// <summary>The name that goes with the password.</summary>
    public required string User { get; init; }

    /// <summary>What the operator shows to be believed; a cookie when empty.</summary>
    public required string Password { get; init; }

    /// <summary>Looks at what cannot be together.</summary>
    /// <exception cref="ArgumentException">Some cannot; the message says what would do.</exception>
    public void Validate()
    {
        Require((User.Length == 0) == (Password.Length == 0), "-rpcuser and -rpcpassword go together.");
        Require(!User.Contains(':', StringComparison.Ordinal), "-rpcuser: a name has no colon.");
        // Whoever can send requests can do as he likes with the node.
        Require(
            Endpoints.All(endpoint => IPAddress.IsLoopback(endpoint.Address)) || (Password.Length > 0 && !Allowed.IsEmpty),
            "-rpcbind: only 127.0.0.1 and [::1] are closed to others; give -rpcuser, -rpcpassword and -rpcallowip too.");
        Require(
            HealthEndpoints.All(endpoint => endpoint.Port > 0), "-healthbind: a port is needed; write 0.0.0.0:8080.");
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
            throw new ArgumentException(message);
    }
}
