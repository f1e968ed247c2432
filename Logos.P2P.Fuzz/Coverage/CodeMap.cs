using System.Collections.Immutable;

namespace Logos.P2P.Fuzz.Coverage;

/// <summary>
/// Which edges belong to which code. Filled by <see cref="InstrumentedCode"/>; empty where the node is not instrumented, and
/// then nothing guides.
/// </summary>
internal static class CodeMap
{
    /// <summary>The methods in the order of their edges.</summary>
    public static ImmutableArray<MethodEdges> Methods { get; private set; } = [];

    /// <summary>The constants of the code; see <see cref="Instrumenter.Words"/>.</summary>
    public static ImmutableArray<byte[]> Words { get; private set; } = [];

    /// <summary>Takes over what the instrumenter found. In types of .NET, since ours are others on the other side.</summary>
    public static void Fill(string[] assemblies, string[] types, int[] counts, byte[][] words)
    {
        var methods = ImmutableArray.CreateBuilder<MethodEdges>(counts.Length);
        int first = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            methods.Add(new MethodEdges(assemblies[i], types[i], first, counts[i]));
            first += counts[i];
        }

        Methods = methods.DrainToImmutable();
        Words = [.. words];
    }

    /// <summary>The first edge of some assemblies and the one behind their last.</summary>
    public static (int From, int To) RangeOf(IReadOnlyCollection<string> assemblies)
    {
        MethodEdges[] methods = [.. Methods.Where(method => assemblies.Contains(method.Assembly))];
        return methods.Length == 0 ? (0, 0) : (methods[0].First, methods[^1].First + methods[^1].Count);
    }

    /// <summary>How many edges of some types there are, and how many of them were seen.</summary>
    /// <param name="types">Full names of types, or what they begin with.</param>
    /// <param name="seen">What was seen; see <see cref="EdgeMap.Take"/>.</param>
    public static (int Seen, int All) Coverage(IReadOnlyCollection<string> types, byte[] seen)
    {
        int found = 0, all = 0;
        foreach (MethodEdges method in Methods.Where(method => types.Any(type => method.Type.StartsWith(type, StringComparison.Ordinal))))
        {
            all += method.Count;
            found += seen.AsSpan(method.First, method.Count).Length - seen.AsSpan(method.First, method.Count).Count((byte)0);
        }

        return (found, all);
    }
}
