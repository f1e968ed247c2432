using System.Numerics;
using System.Runtime.InteropServices;

namespace Logos.P2P.Fuzz.Coverage;

/// <summary>
/// How often each edge of the instrumented code was taken since the last look. <see cref="Instrumenter"/> puts an increment of
/// a counter on every edge, so this class and its field are public: the code of other assemblies uses them.
/// </summary>
public static unsafe class EdgeMap
{
    /// <summary>Edges that there is room for; more than ten times what the instrumented assemblies have.</summary>
    public const int Capacity = 1 << 18;

    /// <summary>A counter for each edge. Never freed. As a constant of the compiled code, an increment is one instruction.</summary>
    public static readonly byte* Counters = (byte*)NativeMemory.AllocZeroed(Capacity + (nuint)Vector<byte>.Count);

    /// <summary>
    /// How often an edge was taken, as far as it matters: once, twice, three times, up to 7, 15, 31, 127 or more. AFL's classes:
    /// a loop that runs once more is no news, one that runs twice as often is.
    /// </summary>
    private static readonly byte[] ClassOf = MakeClasses();

    /// <summary>Forgets what was taken.</summary>
    public static void Clear(int from, int to) => new Span<byte>(Counters + from, to - from).Clear();

    /// <summary>Looks what was taken since the last look, and forgets it.</summary>
    /// <param name="from">The first edge of interest.</param>
    /// <param name="to">The one behind the last.</param>
    /// <param name="seen">The classes that were seen before, of each edge. What is new is added.</param>
    /// <returns>Whether anything was new.</returns>
    public static bool Take(int from, int to, byte[] seen)
    {
        bool isNew = false;
        int at = from;
        for (; at < to; at += Vector<byte>.Count)
        {
            var counts = Vector.Load(Counters + at);
            if (counts == Vector<byte>.Zero)
                continue;
            int end = Math.Min(at + Vector<byte>.Count, to);
            for (int i = at; i < end; i++)
            {
                byte kind = ClassOf[Counters[i]];
                if (kind == 0)
                    continue;
                Counters[i] = 0;
                isNew |= (seen[i] & kind) == 0;
                seen[i] |= kind;
            }
        }

        return isNew;
    }

    private static byte[] MakeClasses()
    {
        byte[] classes = new byte[256];
        ReadOnlySpan<int> most = [1, 2, 3, 7, 15, 31, 127, 255];
        for (int count = 1, kind = 0; count < classes.Length; count++)
        {
            if (count > most[kind])
                kind++;
            classes[count] = (byte)(1 << kind);
        }

        return classes;
    }
}
