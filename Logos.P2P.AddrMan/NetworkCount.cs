namespace Logos.P2P.AddrMan;

/// <summary>How many addresses of a network are known.</summary>
/// <param name="New">Those only heard of.</param>
/// <param name="Tried">Those that once answered.</param>
public readonly record struct NetworkCount(int New, int Tried)
{
    /// <summary>Both.</summary>
    public int Total => New + Tried;
}
