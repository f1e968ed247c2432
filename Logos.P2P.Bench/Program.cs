using BenchmarkDotNet.Running;
using Logos.P2P.Bench;

if (args is ["memory"])
    AddressMemory.Run();
else
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
