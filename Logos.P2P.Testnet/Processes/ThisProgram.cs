namespace Logos.P2P.Testnet.Processes;

/// <summary>How to start this very program again.</summary>
internal static class ThisProgram
{
    /// <summary>The file, and what has to stand before the arguments.</summary>
    public static IReadOnlyList<string> Command
    {
        get
        {
            string program = Environment.ProcessPath!;
            // As `dotnet logosp2p.dll`: the process is dotnet's, and the program its first argument.
            return Path.GetFileNameWithoutExtension(program) == "dotnet"
                ? [program, Path.GetFullPath(Environment.GetCommandLineArgs()[0])]
                : [program];
        }
    }
}
