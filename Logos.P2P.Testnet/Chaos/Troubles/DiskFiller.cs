using System.Collections.Concurrent;
using Logos.P2P.Testnet.Processes;

namespace Logos.P2P.Testnet.Chaos.Troubles;

/// <summary>
/// <see cref="TroubleKind.FullDisk"/>: the node's directory moves to a small disk of its own, and that is filled while the node runs.
/// </summary>
internal sealed class DiskFiller(TestnetDirectory directory, TestnetPlan plan, ProcessNetwork network) : ITroublemaker
{
    private readonly ConcurrentDictionary<int, bool> _isSmall = new();
    private readonly Lazy<bool> _isPossible = new(SmallDisk.IsPossible);

    public TroubleKind Kind => TroubleKind.FullDisk;

    public string? Obstacle => _isPossible.Value ? null : "a small disk cannot be mounted";

    public async Task BeginAsync(int node)
    {
        await directory.Node(plan, node).StopAsync().ConfigureAwait(false);
        string place = directory.NodeDirectory(node), kept = KeptAt(node);
        Directory.Move(place, kept);
        Directory.CreateDirectory(place);
        SmallDisk.Mount(place);
        CopyDirectory(kept, place);
        _isSmall[node] = true;
        // A node that cannot write its cookie does not start, and says so.
        await network.RestartAsync([node]).ConfigureAwait(false);
        SmallDisk.Fill(FillerOf(node));
    }

    public async Task EndAsync(int node)
    {
        // Where the beginning failed there is nothing to end, and what was kept is where it was left.
        if (!_isSmall.TryRemove(node, out _))
            return;
        string place = directory.NodeDirectory(node), kept = KeptAt(node), saved = kept + ".new";
        // First there is room again while it runs, as when an operator clears up; then all of it goes back to where it was.
        File.Delete(FillerOf(node));
        await directory.Node(plan, node).StopAsync().ConfigureAwait(false);
        CopyDirectory(place, saved);
        SmallDisk.Unmount(place);
        Directory.Delete(place);
        Directory.Move(saved, place);
        Directory.Delete(kept, recursive: true);
        await network.RestartAsync([node]).ConfigureAwait(false);
    }

    private string KeptAt(int node) => directory.NodeDirectory(node) + ".kept";

    private string FillerOf(int node) => Path.Combine(directory.NodeDirectory(node), "filler");

    private static void CopyDirectory(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.GetFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (string directory in Directory.GetDirectories(from))
            CopyDirectory(directory, Path.Combine(to, Path.GetFileName(directory)));
    }
}
