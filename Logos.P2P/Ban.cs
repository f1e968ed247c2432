using Logos.P2P.Wire;

namespace Logos.P2P;

/// <summary>Hosts that the operator wants nothing to do with, and for how long.</summary>
/// <param name="Hosts">Who.</param>
/// <param name="CreatedAt">Since when, in whole seconds.</param>
/// <param name="Until">Until when, in whole seconds.</param>
public sealed record Ban(Subnet Hosts, DateTimeOffset CreatedAt, DateTimeOffset Until)
{
    /// <summary>How long it lasts in all.</summary>
    public TimeSpan Duration => Until - CreatedAt;

    /// <summary>How long it lasts from a moment on; zero when it is over.</summary>
    public TimeSpan RemainingAt(DateTimeOffset now) => Until > now ? Until - now : TimeSpan.Zero;
}

/// <summary>What came of a wish to ban.</summary>
public enum BanResult
{
    /// <summary>They are banned now.</summary>
    Added,

    /// <summary>
    /// They were banned before: this very subnet, or for a single host any subnet that it is in. That ban stays as it is.
    /// </summary>
    AlreadyBanned,

    /// <summary>There are <see cref="NodeDefaults.MaxBans"/> bans: lift some, or ban a subnet instead of its hosts.</summary>
    ListFull,
}
