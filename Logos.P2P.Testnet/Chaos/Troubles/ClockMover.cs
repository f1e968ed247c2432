namespace Logos.P2P.Testnet.Chaos.Troubles;

/// <summary>
/// <see cref="TroubleKind.ClockJump"/>: the node starts again under libfaketime, and its clock on the wall jumps while it runs, by an
/// hour forward or back. The clock that only counts is left alone, as it is by those who set clocks.
/// </summary>
internal sealed class ClockMover(TestnetDirectory directory, TestnetPlan plan, ProcessNetwork network) : ITroublemaker
{
    private const string Library = "libfaketimeMT.so.1";
    private const string Truth = "+0";
    private static readonly TimeSpan Jump = TimeSpan.FromHours(1);

    /// <summary>How often libfaketime looks what time it is to be.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly string? _library = Directory.Exists("/usr/lib")
        ? Directory.EnumerateDirectories("/usr/lib").Select(path => Path.Combine(path, "faketime", Library)).FirstOrDefault(File.Exists)
        : null;

    public TroubleKind Kind => TroubleKind.ClockJump;

    public string? Obstacle => _library is null ? "libfaketime is not installed" : null;

    public async Task BeginAsync(int node)
    {
        await File.WriteAllTextAsync(ClockOf(node), Truth).ConfigureAwait(false);
        await directory.Node(plan, node).StopAsync().ConfigureAwait(false);
        await directory.StartNodesAsync(plan, [node], CancellationToken.None, new Dictionary<string, string>
        {
            ["LD_PRELOAD"] = _library!,
            ["FAKETIME_TIMESTAMP_FILE"] = ClockOf(node),
            ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
            ["FAKETIME_CACHE_DURATION"] = FormattableString.Invariant($"{Look.TotalSeconds}"),
        }).ConfigureAwait(false);
        string sign = node % 2 == 0 ? "+" : "-";
        await File.WriteAllTextAsync(ClockOf(node), FormattableString.Invariant($"{sign}{Jump.TotalSeconds}")).ConfigureAwait(false);
    }

    public async Task EndAsync(int node)
    {
        await File.WriteAllTextAsync(ClockOf(node), Truth).ConfigureAwait(false);
        await Task.Delay(2 * Look).ConfigureAwait(false);
        // Without libfaketime, under which a process takes ten times the processor.
        await network.RestartAsync([node]).ConfigureAwait(false);
    }

    private string ClockOf(int node) => directory.NodeDirectory(node) + ".clock";
}
