using Logos.P2P.Wire;

namespace Logos.P2P.Diagnostics;

/// <summary>The way of one message through the node.</summary>
/// <param name="Id">The message.</param>
/// <param name="PeerId">The peer that delivered it; 0 for our own.</param>
/// <param name="Bytes">Its length on the wire, header included.</param>
/// <param name="ReceivedAt">When its first byte was read from the socket, or when it was propagated.</param>
/// <param name="Waited">From then until the upper layer was given it; zero for our own.</param>
/// <param name="Judged">How long the upper layer took; zero for our own.</param>
/// <param name="Relayed">From its first byte in to its first byte out; null when it was sent to nobody.</param>
/// <param name="Verdict">What the upper layer decided; null when it failed, and for our own.</param>
public readonly record struct MessageSample(
    MessageId Id,
    long PeerId,
    int Bytes,
    DateTimeOffset ReceivedAt,
    TimeSpan Waited,
    TimeSpan Judged,
    TimeSpan? Relayed,
    Verdict? Verdict);

/// <summary>
/// Collects samples of messages until it is disposed: all of them while there are few, and a part when there are many. See
/// <see cref="P2PNode.SampleMessages"/>. All members may be used from any thread.
/// </summary>
public sealed class MessageSamples : IDisposable
{
    /// <summary>Samples that are kept until they are taken; the oldest go.</summary>
    public const int Capacity = 1024;

    private readonly Lock _gate = new();
    private readonly Action<MessageSamples> _end;
    private readonly MessageSample[] _ring = new MessageSample[Capacity];
    private long _added;
    private long _taken;

    internal MessageSamples(Action<MessageSamples> end) => _end = end;

    /// <summary>The samples since the last call, oldest first.</summary>
    public MessageSample[] Take()
    {
        lock (_gate)
        {
            var samples = new MessageSample[Math.Min(_added - _taken, Capacity)];
            for (int i = 0; i < samples.Length; i++)
                samples[i] = _ring[(_added - samples.Length + i) % Capacity];
            _taken = _added;
            return samples;
        }
    }

    /// <summary>Ends it.</summary>
    public void Dispose() => _end(this);

    internal void Add(in MessageSample sample)
    {
        lock (_gate)
            _ring[_added++ % Capacity] = sample;
    }
}
