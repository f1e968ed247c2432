using System.CommandLine;
using BenchmarkDotNet.Running;
using Logos.P2P.Bench.Bounds;
using Logos.P2P.Bench.Hop;
using Logos.P2P.Bench.Report;
using Logos.P2P.Bench.Soak;
using Logos.P2P.Bench.Suites;

// As in the program logosp2p: before the first socket exists.
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
switch (args)
{
    case ["role", .. var role]:
        await RoleCommand.RunAsync(role);
        return 0;
    case ["hop" or "bounds" or "report" or "soak", ..]:
        var root = new RootCommand("How fast the node is, and for how long it is so.")
        {
            HopCommand.Create(), BoundsCommand.Create(), ReportCommand.Create(), SoakCommand.Create(),
        };
        return await root.Parse(args).InvokeAsync();
    case ["memory"]:
        Console.WriteLine(AddressMemory.Run().ToText());
        return 0;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, SuiteConfig.Full);
        return 0;
}
