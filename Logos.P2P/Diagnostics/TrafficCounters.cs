using Logos.P2P.Wire;

namespace Logos.P2P.Diagnostics;

/// <summary>Frames and bytes of one command in one direction, header included.</summary>
/// <param name="Messages">How many frames.</param>
/// <param name="Bytes">Their bytes on the wire.</param>
public readonly record struct TrafficCount(long Messages, long Bytes);

/// <summary>Counts frames by command and direction. Any thread may count and read.</summary>
public sealed class TrafficCounters
{
    private readonly long[] _receivedMessages = new long[Commands.Count];
    private readonly long[] _receivedBytes = new long[Commands.Count];
    private readonly long[] _sentMessages = new long[Commands.Count];
    private readonly long[] _sentBytes = new long[Commands.Count];

    /// <summary>What was received of a command; unknown and malformed ones are under <see cref="Command.Other"/>.</summary>
    public TrafficCount Received(Command command) => Read(_receivedMessages, _receivedBytes, command);

    /// <summary>What was sent, or queued for sending, of a command.</summary>
    public TrafficCount Sent(Command command) => Read(_sentMessages, _sentBytes, command);

    /// <summary>Bytes received in whole frames, of all commands.</summary>
    public long TotalBytesReceived => Total(_receivedBytes);

    /// <summary>Bytes sent, or queued for sending, of all commands.</summary>
    public long TotalBytesSent => Total(_sentBytes);

    internal void CountReceived(Command command, long bytes) => Count(_receivedMessages, _receivedBytes, command, bytes);

    /// <summary>The same where only one thread at a time counts what is received: a third of the cost.</summary>
    internal void CountReceivedAlone(Command command, long bytes)
    {
        Volatile.Write(ref _receivedMessages[(int)command], _receivedMessages[(int)command] + 1);
        Volatile.Write(ref _receivedBytes[(int)command], _receivedBytes[(int)command] + bytes);
    }

    internal void CountSent(Command command, long bytes) => Count(_sentMessages, _sentBytes, command, bytes);

    /// <summary>What was queued is not sent after all.</summary>
    internal void TakeBackSent(Command command, long bytes)
    {
        Interlocked.Decrement(ref _sentMessages[(int)command]);
        Interlocked.Add(ref _sentBytes[(int)command], -bytes);
    }

    private static long Total(long[] bytes)
    {
        long total = 0;
        for (int i = 0; i < bytes.Length; i++)
            total += Interlocked.Read(ref bytes[i]);
        return total;
    }

    private static TrafficCount Read(long[] messages, long[] bytes, Command command) =>
        new(Interlocked.Read(ref messages[(int)command]), Interlocked.Read(ref bytes[(int)command]));

    private static void Count(long[] messages, long[] bytes, Command command, long length)
    {
        Interlocked.Increment(ref messages[(int)command]);
        Interlocked.Add(ref bytes[(int)command], length);
    }
}
