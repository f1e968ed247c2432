using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Node.Logs;

/// <summary>
/// What events are about, and of which categories details are logged: Bitcoin's -debug. It may change while the node runs.
/// </summary>
internal sealed class LogCategories
{
    /// <summary>The categories; those of events are told by the hundreds of their ids.</summary>
    public static readonly ImmutableArray<string> Names = ["net", "addrman", "relay", "rpc"];

    /// <summary>Hundreds of the ids of the first category; the next has the next ones.</summary>
    private const int First = 2;

    /// <summary>A bit for each.</summary>
    private int _debugged;

    /// <summary>Whether details of any are logged.</summary>
    public bool HasAny => Volatile.Read(ref _debugged) != 0;

    /// <summary>The category of an event; null for the life of the node, and what others' code logs.</summary>
    public static string? Of(EventId id) => Index(id) is >= 0 and var index && index < Names.Length ? Names[index] : null;

    /// <summary>Whether details of a category are logged.</summary>
    public bool IsDebugged(string name) => (Volatile.Read(ref _debugged) & Bit(name)) != 0;

    /// <summary>Whether details like an event are logged. Those of no category are with any.</summary>
    public bool IsDebugged(EventId id) => Of(id) is { } name ? IsDebugged(name) : HasAny;

    /// <summary>Has details of a category logged, or not any more.</summary>
    /// <param name="name">The category; <c>1</c> and <c>all</c> are all of them.</param>
    /// <param name="isOn">Which.</param>
    /// <returns>False when there is no such category.</returns>
    public bool TrySet(string name, bool isOn)
    {
        int bits = name is "1" or "all" ? (1 << Names.Length) - 1 : Bit(name);
        if (isOn)
            Interlocked.Or(ref _debugged, bits);
        else
            Interlocked.And(ref _debugged, ~bits);
        return bits != 0;
    }

    private static int Index(EventId id) => (id.Id / 100) - First;

    private static int Bit(string name) => Names.IndexOf(name) is >= 0 and var index ? 1 << index : 0;
}
