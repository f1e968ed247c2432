using Logos.P2P.Wire;

namespace Logos.P2P.Discovery;

/// <summary>Addresses from somebody who cannot know when anybody was last there.</summary>
internal static class SeedAddresses
{
    /// <summary>An address that a seed told.</summary>
    /// <param name="endpoint">The address.</param>
    /// <param name="now">The time. Where the clock is not set yet, ages reach to its beginning at most.</param>
    /// <param name="age">The age that is put down for it.</param>
    public static TimedAddress Told(in NetEndpoint endpoint, DateTimeOffset now, TimeSpan age) =>
        new(endpoint, Services.Logos, (uint)Math.Max(0, (now - age).ToUnixTimeSeconds()));
}
