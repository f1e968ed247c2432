using System.Collections.Concurrent;
using System.Text;

namespace Logos.P2P.Tests;

/// <summary>An upper layer that remembers what it received and says what a test wants it to.</summary>
internal sealed class RecordingHandler : IMessageHandler
{
    private readonly ConcurrentQueue<byte[]> _messages = new();
    private readonly ConcurrentQueue<byte[]> _direct = new();
    private readonly ConcurrentQueue<byte[]> _prefixes = new();
    private readonly SemaphoreSlim _arrived = new(0);

    /// <summary>The verdict on each message; Propagate by default.</summary>
    public Func<byte[], Verdict> Judge { get; init; } = _ => Verdict.Propagate;

    /// <summary>The verdict on each first chunk; the default of the interface if not told.</summary>
    public Func<byte[], Verdict> JudgePrefix { get; init; } = _ => Verdict.Consume;

    public bool IsQuick { get; init; }

    /// <summary>Who originated each message; nobody knows by default.</summary>
    public Func<byte[], uint> Label { get; init; } = _ => 0;

    /// <summary>Which messages are urgent; none is by default.</summary>
    public Func<byte[], bool> Urgency { get; init; } = _ => false;

    /// <summary>The keys of important messages, null for what is not important; nothing is by default.</summary>
    public Func<byte[], ulong?> Importance { get; init; } = _ => null;

    /// <summary>Whether it only judges, for floods that would fill the memory.</summary>
    public bool IsForgetful { get; init; }

    public IReadOnlyList<byte[]> Messages => [.. _messages];

    /// <summary>The first chunks that it was shown.</summary>
    public IReadOnlyList<byte[]> Prefixes => [.. _prefixes];

    public IReadOnlyList<byte[]> DirectMessages => [.. _direct];

    public IReadOnlyList<string> Texts => [.. _messages.Select(Encoding.UTF8.GetString)];

    public uint Origin(ReadOnlySpan<byte> message) => Label(message.ToArray());

    public bool IsUrgent(ReadOnlySpan<byte> message) => Urgency(message.ToArray());

    public bool IsImportant(ReadOnlySpan<byte> message) => Importance(message.ToArray()) is not null;

    public ulong ImportantKey(ReadOnlySpan<byte> message) => Importance(message.ToArray()) ?? 0;

    public Verdict ReceivePrefix(in ReceivedMessage prefix)
    {
        _prefixes.Enqueue(prefix.Data.ToArray());
        return JudgePrefix(prefix.Data.ToArray());
    }

    public Verdict Receive(in ReceivedMessage message)
    {
        byte[] bytes = message.Data.ToArray();
        Verdict verdict = Judge(bytes);
        if (!IsForgetful)
            _messages.Enqueue(bytes);
        _arrived.Release();
        return verdict;
    }

    public void ReceiveDirect(in ReceivedMessage message)
    {
        _direct.Enqueue(message.Data.ToArray());
        _arrived.Release();
    }

    /// <summary>Waits for so many more calls.</summary>
    public async Task WaitAsync(int count = 1)
    {
        using var patience = new CancellationTokenSource(TestNode.Patience);
        for (int i = 0; i < count; i++)
            await _arrived.WaitAsync(patience.Token);
    }
}
