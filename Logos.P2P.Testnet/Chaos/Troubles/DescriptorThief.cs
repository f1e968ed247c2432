using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Logos.P2P.Testnet.Chaos.Troubles;

/// <summary><see cref="TroubleKind.NoDescriptors"/>: the process's limit is what it has open just then.</summary>
/// <remarks>
/// .NET ends a process whose thread pool cannot start a thread for want of descriptors. Where that happened the node is started again,
/// as whoever supervises it would.
/// </remarks>
internal sealed partial class DescriptorThief(TestnetDirectory directory, TestnetPlan plan, ProcessNetwork network) : ITroublemaker
{
    /// <summary>RLIMIT_NOFILE.</summary>
    private const int OpenFiles = 7;

    private readonly ConcurrentDictionary<int, Limit> _before = new();

    public TroubleKind Kind => TroubleKind.NoDescriptors;

    public Task BeginAsync(int node)
    {
        if (directory.Node(plan, node).FindId() is not { } id)
            return Task.CompletedTask;
        Check(prlimit(id, OpenFiles, 0, out Limit before));
        _before[node] = before;
        Check(prlimit(id, OpenFiles, before with { Soft = (nuint)Directory.GetFileSystemEntries($"/proc/{id}/fd").Length }, 0));
        return Task.CompletedTask;
    }

    public Task EndAsync(int node)
    {
        if (directory.Node(plan, node).FindId() is not { } id)
            return network.RestartAsync([node]);
        if (_before.TryRemove(node, out Limit before))
            Check(prlimit(id, OpenFiles, in before, 0));
        return Task.CompletedTask;
    }

    private static void Check(int result)
    {
        if (result != 0)
            throw new IOException($"prlimit: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int prlimit(int processId, int resource, nint @new, out Limit old);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int prlimit(int processId, int resource, in Limit @new, nint old);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public nuint Soft;
        public nuint Hard;
    }
}
