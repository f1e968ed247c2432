using System.Collections.Concurrent;

namespace Logos.P2P.Native;

/// <summary>
/// Which handle is which node. Handles are numbers that count up and point to nothing, so that one of a node that is gone, or any other
/// pointer, is told from one that is there. The only thing that nodes of a process have in common.
/// </summary>
internal static class NodeTable
{
    private static readonly ConcurrentDictionary<nint, NativeNode> Nodes = new();
    private static long _last;

    /// <summary>A handle for a node that is being made.</summary>
    public static nint Reserve() => (nint)Interlocked.Increment(ref _last);

    public static void Add(nint handle, NativeNode node) => Nodes[handle] = node;

    public static NativeNode? Find(nint handle) => Nodes.GetValueOrDefault(handle);

    /// <returns>False when somebody else has removed it.</returns>
    public static bool Remove(nint handle) => Nodes.TryRemove(handle, out _);
}
