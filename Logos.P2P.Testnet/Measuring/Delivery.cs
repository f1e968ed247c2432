namespace Logos.P2P.Testnet.Measuring;

/// <summary>What a node has of a message.</summary>
/// <param name="Node">The node.</param>
/// <param name="TimeMicros">When it had it, in microseconds since 1970; null: it has it not.</param>
/// <param name="From">Who gave it to it; null when that is not known any more.</param>
internal sealed record Receipt(int Node, long? TimeMicros, int? From);

/// <summary>How far and how fast a message came.</summary>
/// <param name="Message">The message.</param>
/// <param name="DelaysMs">For each node that has it, how long after it was sent, ascending.</param>
/// <param name="Hops">For each of those of which the whole way is known, over how many links it came, ascending.</param>
/// <param name="Missing">The nodes that were owed it and have it not.</param>
internal sealed record Delivery(
    SentMessage Message, IReadOnlyList<double> DelaysMs, IReadOnlyList<int> Hops, IReadOnlyList<int> Missing)
{
    /// <summary>Follows a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="receipts">What the nodes have of it that are owed it, which its origin is not.</param>
    public static Delivery Of(SentMessage message, IReadOnlyList<Receipt> receipts)
    {
        ArgumentNullException.ThrowIfNull(message);
        Dictionary<int, Receipt> byNode = receipts.ToDictionary(receipt => receipt.Node);
        Receipt[] arrived = [.. receipts.Where(receipt => receipt.TimeMicros is not null)];
        return new Delivery(
            message,
            [.. arrived.Select(receipt => (receipt.TimeMicros!.Value - message.TimeMicros) / 1000.0).Order()],
            [.. arrived.Select(receipt => CountHops(message.Node, receipt, byNode)).OfType<int>().Order()],
            [.. receipts.Where(receipt => receipt.TimeMicros is null).Select(receipt => receipt.Node).Order()]);
    }

    private static int? CountHops(int origin, Receipt receipt, Dictionary<int, Receipt> byNode)
    {
        int hops = 1;
        for (Receipt at = receipt; at.From != origin; hops++)
        {
            // Whoever gave it to it is dead, or its connection gone; and no way is longer than there are nodes.
            if (at.From is not { } from || !byNode.TryGetValue(from, out Receipt? before) || hops > byNode.Count)
                return null;
            at = before;
        }

        return hops;
    }
}
