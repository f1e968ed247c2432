using Logos.P2P.Access;

namespace Logos.P2P.Relay;

/// <summary>
/// How many new origins may be flooded: somebody who labels each message anew would have all of them sent to everybody. Guards
/// itself.
/// </summary>
internal sealed class FloodBudget
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, TokenBucket> _links = [];
    private TokenBucket _all =
        new(TreePolicy.FloodRate, TreePolicy.FloodBurst, TreePolicy.FloodBurst, TimeSpan.Zero);

    /// <summary>Takes a flood out of the budget of a link. Our own messages have none.</summary>
    public bool TryTake(int from, TimeSpan now)
    {
        if (from == RelayStep.Self)
            return true;
        lock (_gate)
        {
            if (!_links.TryGetValue(from, out TokenBucket bucket))
                bucket = new TokenBucket(TreePolicy.LinkFloodRate, TreePolicy.LinkFloodBurst, TreePolicy.LinkFloodBurst, now);
            // What the node cannot afford is not taken from the link either.
            bool isTaken = _all.TryTake(now);
            if (isTaken && !bucket.TryTake(now))
            {
                _all.Grant(1);
                isTaken = false;
            }

            _links[from] = bucket;
            return isTaken;
        }
    }

    public void Close(int slot)
    {
        lock (_gate)
            _links.Remove(slot);
    }
}
