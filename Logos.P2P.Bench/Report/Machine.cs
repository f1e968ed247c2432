using System.Runtime.InteropServices;
using Logos.P2P.Bench.Hop;

namespace Logos.P2P.Bench.Report;

/// <summary>On what was measured.</summary>
internal static class Machine
{
    private const string CpuModel = "model name";

    /// <summary>Processors, memory, system, runtime, and which of the baselines are there.</summary>
    public static string Describe()
    {
        string? model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith(CpuModel, StringComparison.Ordinal));
        double gigabytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9;
        string zeroMq = ZeroMq.IsInstalled ? "libzmq is installed." : "libzmq is not installed.";
        return $"Machine: {Environment.ProcessorCount} processors, {model?.Split(':')[1].Trim() ?? "of unknown kind"}, {gigabytes:0} GB, "
            + $"{RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSArchitecture}. {zeroMq}";
    }

    /// <summary>How many want to run, in the last minute.</summary>
    public static string Load() => File.ReadAllText("/proc/loadavg").Split(' ')[0];
}
