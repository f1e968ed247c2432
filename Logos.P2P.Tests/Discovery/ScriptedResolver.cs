using System.Collections.Concurrent;
using Logos.P2P.Discovery;
using Logos.P2P.Tests.AddrMan;
using Logos.P2P.Wire;

namespace Logos.P2P.Tests.Discovery;

/// <summary>A domain name system in which a test says who is where, and when the answer comes.</summary>
internal sealed class ScriptedResolver : INameResolver
{
    private readonly ConcurrentDictionary<string, Task<IReadOnlyList<NetAddress>>> _answers = new();
    private readonly ConcurrentQueue<string> _asked = new();

    /// <summary>What was asked, in order.</summary>
    public IReadOnlyList<string> Asked => [.. _asked];

    /// <summary>Answers a name at once. Names that were not set have no addresses.</summary>
    public void Set(string name, params IEnumerable<string> addresses) =>
        _answers[name] = Task.FromResult<IReadOnlyList<NetAddress>>([.. addresses.Select(Book.Host)]);

    /// <summary>Answers a name when the test completes the result.</summary>
    public TaskCompletionSource<IReadOnlyList<NetAddress>> SetLate(string name)
    {
        var answer = new TaskCompletionSource<IReadOnlyList<NetAddress>>();
        _answers[name] = answer.Task;
        return answer;
    }

    public Task<IReadOnlyList<NetAddress>> ResolveAsync(string name, CancellationToken cancellationToken)
    {
        _asked.Enqueue(name);
        return _answers.TryGetValue(name, out Task<IReadOnlyList<NetAddress>>? answer)
            ? answer.WaitAsync(cancellationToken)
            : Task.FromResult<IReadOnlyList<NetAddress>>([]);
    }
}
