using System.Reflection;
using System.Runtime.Loader;

namespace Logos.P2P.Fuzz.Coverage;

/// <summary>
/// The instrumented node, and this program on top of it: loaded beside the plain ones, which only do the loading.
/// </summary>
/// <remarks>
/// Everything happens in memory and at the start (about a second), so that there is no second set of files that could be older
/// than the sources, and a debugger or a test can run the same targets on the plain code.
/// </remarks>
internal sealed class InstrumentedCode : AssemblyLoadContext
{
    /// <summary>What is instrumented, in the order of its edges.</summary>
    private static readonly string[] Instrumented = ["Logos.P2P.Wire", "Logos.P2P.AddrMan", "Logos.P2P", "logosp2p", "liblogosp2p"];

    /// <summary>What refers to it and must be loaded again for that.</summary>
    private static readonly string[] Beside = ["Logos.P2P.Simulation", "Logos.P2P.Testnet", "Logos.P2P.Fuzz"];

    private readonly Instrumenter _instrumenter = new();
    private readonly Dictionary<string, Assembly> _loaded = [];

    private InstrumentedCode()
        : base("instrumented")
    {
        foreach (string name in Instrumented)
        {
            using MemoryStream assembly = _instrumenter.Instrument(PathOf(name));
            _loaded.Add(name, LoadFromStream(assembly));
        }

        foreach (string name in Beside)
            _loaded.Add(name, LoadFromAssemblyPath(PathOf(name)));
    }

    /// <summary>Calls a static method of this program, without parameters, on top of the instrumented node.</summary>
    /// <typeparam name="T">What the method returns: a type that both have in common.</typeparam>
    public static T Call<T>(Type type, string method, params object[] arguments)
    {
        var code = new InstrumentedCode();
        Assembly self = code._loaded["Logos.P2P.Fuzz"];
        MethodEdges[] methods = [.. code._instrumenter.Methods];
        CallStatic<object?>(
            self,
            typeof(CodeMap),
            nameof(CodeMap.Fill),
            [
                methods.Select(edges => edges.Assembly).ToArray(),
                methods.Select(edges => edges.Type).ToArray(),
                methods.Select(edges => edges.Count).ToArray(),
                code._instrumenter.Words.ToArray(),
            ]);
        return CallStatic<T>(self, type, method, arguments);
    }

    protected override Assembly? Load(AssemblyName assemblyName) => _loaded.GetValueOrDefault(assemblyName.Name!);

    private static T CallStatic<T>(Assembly assembly, Type type, string method, object[] arguments) =>
        (T)assembly.GetType(type.FullName!)!
            .GetMethod(method, BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)!
            .Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null)!;

    private static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, $"{name}.dll");
}
