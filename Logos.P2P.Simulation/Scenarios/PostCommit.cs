using System.Buffers.Binary;
using Logos.P2P.Simulation.Nodes;
using Logos.P2P.Wire;

namespace Logos.P2P.Simulation.Scenarios;

/// <summary>
/// What a delegate says about transactions: as the whole batch, or naming them by short ids. With it goes what is measured.
/// </summary>
/// <param name="transactions">The transactions.</param>
/// <param name="key">The key of the short ids; null for the batch.</param>
internal sealed class PostCommit(IReadOnlyList<byte[]> transactions, ShortIdKey? key)
{
    /// <summary>In the first byte of what the upper layer of this scenario sends.</summary>
    public enum Kind : byte
    {
        Transaction,
        Batch,
        ShortIds,
    }

    /// <summary>The kind, and where all messages of the simulation have it, the origin's label.</summary>
    public const int HeaderSize = MessageLog.HeaderSize;

    /// <summary>The ids of the transactions.</summary>
    public IReadOnlyList<MessageId> Ids { get; } = [.. transactions.Select(transaction => MessageId.Compute(transaction))];

    /// <summary>Who had all of it when; null before it is sent.</summary>
    public SimulatedMessage? Progress { get; set; }

    /// <summary>Transactions that nodes lacked when it came, all nodes together.</summary>
    public int Lacked { get; set; }

    /// <summary>The bytes that the delegate sends.</summary>
    public byte[] ToBytes(SimulatedNode origin)
    {
        int size = key is null
            ? transactions.Sum(transaction => sizeof(int) + transaction.Length)
            : ShortIdKey.Size + (transactions.Count * P2P.ShortIds.Size);
        byte[] message = NewMessage(key is null ? Kind.Batch : Kind.ShortIds, origin, HeaderSize + size);
        Span<byte> body = message.AsSpan(HeaderSize);
        if (key is { } itsKey)
        {
            itsKey.Write(body);
            P2P.ShortIds.Encode([.. Ids], itsKey, body[ShortIdKey.Size..]);
            return message;
        }

        foreach (byte[] transaction in transactions)
        {
            BinaryPrimitives.WriteInt32LittleEndian(body, transaction.Length);
            transaction.CopyTo(body[sizeof(int)..]);
            body = body[(sizeof(int) + transaction.Length)..];
        }

        return message;
    }

    /// <summary>A message of a kind, empty but for its header.</summary>
    public static byte[] NewMessage(Kind kind, SimulatedNode origin, int size)
    {
        byte[] message = new byte[size];
        message[0] = (byte)kind;
        MessageLog.WriteLabel(message, origin);
        return message;
    }
}
