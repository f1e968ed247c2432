namespace Logos.P2P.Simulation.Links;

/// <summary>
/// Random numbers that are a function of what they belong to: a million links need no table, and a link is the same
/// whichever was asked for first.
/// </summary>
internal static class PairRandom
{
    /// <summary>A well mixed number for three: the finaliser of SplitMix64, thrice.</summary>
    public static ulong Mix(ulong seed, ulong first, ulong second) => Mix(Mix(Mix(seed) ^ first) ^ second);

    /// <summary>0 to 1.</summary>
    public static double Uniform(ulong mixed) => (mixed >> 11) * (1.0 / (1L << 53));

    /// <summary>The standard normal distribution, by Box and Muller.</summary>
    public static double Normal(ulong mixed) =>
        Math.Sqrt(-2 * Math.Log(1 - Uniform(mixed))) * Math.Cos(2 * Math.PI * Uniform(Mix(mixed)));

    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
