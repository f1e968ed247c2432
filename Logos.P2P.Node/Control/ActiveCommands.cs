using System.Collections.Concurrent;

namespace Logos.P2P.Node.Control;

/// <summary>The calls that are being answered.</summary>
internal sealed class ActiveCommands(TimeProvider timeProvider)
{
    private readonly ConcurrentDictionary<Call, string> _calls = new();

    /// <summary>The calls: each method, and how long it has been at it.</summary>
    public IEnumerable<(string Method, TimeSpan Duration)> List() =>
        from call in _calls
        orderby call.Key.StartedAt
        select (call.Value, timeProvider.GetElapsedTime(call.Key.StartedAt));

    /// <summary>Notes that a call begins; disposing of what is returned notes its end.</summary>
    public IDisposable Begin(string method)
    {
        var call = new Call(this, timeProvider.GetTimestamp());
        _calls[call] = method;
        return call;
    }

    private sealed class Call(ActiveCommands commands, long startedAt) : IDisposable
    {
        public long StartedAt => startedAt;

        public void Dispose() => commands._calls.TryRemove(this, out _);
    }
}
