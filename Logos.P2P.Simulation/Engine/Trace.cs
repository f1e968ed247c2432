using System.Globalization;

namespace Logos.P2P.Simulation.Engine;

/// <summary>
/// All that arrived anywhere, in order, as one number: two runs with the same number were the same. As lines of text, too,
/// if somebody wants to see where two runs part.
/// </summary>
/// <param name="lines">Where a line for each arrival is written; nowhere when null.</param>
internal sealed class Trace(TextWriter? lines = null)
{
    // FNV-1a, over words instead of bytes: what is needed is that a difference shows, not that nobody can make it vanish.
    private const ulong Basis = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    private ulong _hash = Basis;

    /// <summary>The number, in hexadecimal.</summary>
    public string Hash => _hash.ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>Bytes arrived.</summary>
    public void Add(TimeSpan time, int from, int to, int length)
    {
        Mix((ulong)time.Ticks);
        Mix(((ulong)(uint)from << 32) | (uint)to);
        Mix((ulong)length);
        lines?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:f4} {from} {to} {length}"));
    }

    private void Mix(ulong word) => _hash = ((_hash ^ word) * Prime) ^ (_hash >> 29);
}
