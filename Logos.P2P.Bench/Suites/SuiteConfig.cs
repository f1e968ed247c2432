using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace Logos.P2P.Bench.Suites;

/// <summary>How the suites are run.</summary>
internal static class SuiteConfig
{
    /// <summary>Below the place where everything else goes that is built and not kept.</summary>
    private const string Artifacts = "artifacts/benchmarks";

    private const int QuickWarmUps = 2;
    private const int QuickIterations = 5;
    private const int QuickMilliseconds = 100;

    /// <summary>As BenchmarkDotNet thinks best, or as the command line says.</summary>
    public static IConfig Full => DefaultConfig.Instance.WithArtifactsPath(Artifacts);

    /// <summary>All suites in about two minutes, in this process: enough for a factor, not for a few per cent.</summary>
    public static IConfig Quick => ManualConfig.CreateEmpty()
        .WithArtifactsPath(Artifacts)
        .AddColumnProvider(DefaultColumnProviders.Instance)
        .AddLogger(NullLogger.Instance)
        .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance)
            .WithWarmupCount(QuickWarmUps)
            .WithIterationCount(QuickIterations)
            .WithIterationTime(TimeInterval.FromMilliseconds(QuickMilliseconds)));
}
