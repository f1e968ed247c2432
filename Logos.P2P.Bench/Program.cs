using System.CommandLine;
using BenchmarkDotNet.Running;
using Logos.P2P.Bench;
using Logos.P2P.Bench.Hop;

// As in the program logosp2p: before the first socket exists.
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
switch (args)
{
    case ["role", .. var role]:
        await RoleCommand.RunAsync(role);
        return 0;
    case ["hop", ..]:
        return await new RootCommand("How fast the node is.") { HopCommand.Create() }.Parse(args).InvokeAsync();
    case ["memory"]:
        AddressMemory.Run();
        return 0;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        return 0;
}
