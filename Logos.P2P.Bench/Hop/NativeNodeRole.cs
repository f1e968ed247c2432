using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Logos.P2P.Bench.Hop;

/// <summary>A node that relays in a program in C++ on the shared library (relay.cpp), which this process becomes.</summary>
internal static partial class NativeNodeRole
{
    private const string RootFile = "LogosP2P.sln";

    private static readonly string Root = FindRoot();
    private static readonly string Libraries = Path.Combine(Root, "artifacts", "native");
    private static readonly string Program = Path.Combine(Libraries, "relay");

    /// <summary>Whether there is the library; eng/publish-native makes it.</summary>
    public static bool IsPublished => File.Exists(Path.Combine(Libraries, "liblogosp2p.so"));

    /// <param name="from">The port of the relay before, or "source".</param>
    public static void Run(string from)
    {
        Compile();
        // The memory and the processor time of this process are then those of the program.
        if (Execute(Program, [Program, from, null]) != 0)
            throw new IOException($"'{Program}' could not be run.");
    }

    private static void Compile()
    {
        string source = Path.Combine(Root, "Logos.P2P.Bench", "Hop", "relay.cpp");
        using Process compiler = Process.Start(
            "g++",
            [
                "-std=c++14", "-O2", source, "-o", Program, $"-I{Path.Combine(Libraries, "include")}", $"-L{Libraries}", "-llogosp2p",
                $"-Wl,-rpath,{Libraries}",
            ]);
        compiler.WaitForExit();
        if (compiler.ExitCode != 0)
            throw new IOException($"'{source}' could not be compiled.");
    }

    private static string FindRoot()
    {
        string? directory = AppContext.BaseDirectory;
        while (directory is not null && !File.Exists(Path.Combine(directory, RootFile)))
            directory = Path.GetDirectoryName(directory);
        return directory ?? AppContext.BaseDirectory;
    }

    [LibraryImport("libc", EntryPoint = "execv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execute(string path, string?[] arguments);
}
