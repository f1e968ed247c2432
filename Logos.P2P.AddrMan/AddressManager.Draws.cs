using Logos.P2P.Wire;

namespace Logos.P2P.AddrMan;

/// <summary>Whom to dial, and what to tell others.</summary>
public sealed partial class AddressManager
{
    /// <summary>
    /// Draws an address to dial: from the new or the tried table with even odds, favouring those with a better
    /// <see cref="AddressEntry.GetChance"/>.
    /// </summary>
    /// <param name="newOnly">True to draw from the new table only, as a feeler does.</param>
    /// <param name="networks">The networks it may be on; empty for any.</param>
    /// <returns>Null when there is none.</returns>
    /// <exception cref="ArgumentOutOfRangeException">No address can be on that network.</exception>
    public Candidate? Select(bool newOnly = false, params ReadOnlySpan<NetworkId> networks)
    {
        long now = Now();
        lock (_lock)
        {
            NetworkCount count = CountOf(networks);
            bool tried = !newOnly && count.Tried > 0 && (count.New == 0 || _random.Next(2) == 0);
            double factor = 1;
            while ((tried ? _tables.DrawTried(_random, networks) : _tables.DrawNew(_random, networks)) is { } address)
            {
                if (_random.NextDouble() < factor * address.Entry.GetChance(now))
                    return new Candidate(address.Entry.Address, address.Entry.LastTry);
                factor *= AddrManParameters.ChanceGrowthPerMiss;
            }

            return null;
        }
    }

    /// <summary>The places that are taken, those of the new table first, each in order. Copies all of them: for people to look at.</summary>
    public IReadOnlyList<AddressPlace> GetPlaces()
    {
        lock (_lock)
            return _tables.GetPlaces();
    }

    /// <summary>
    /// Draws addresses to tell others, each at most once, none that is terrible, in random order.
    /// </summary>
    /// <param name="max">The most to return.</param>
    /// <param name="percent">
    /// How much of all that is known may be told, 0 to 100 (Bitcoin: 23), though at least one address if there is any.
    /// Telling all to everyone who asks would let them map the network.
    /// </param>
    /// <param name="network">The network they are to be on; null for any. The share is of all networks' either way.</param>
    public TimedAddress[] GetAddresses(int max, int percent = 100, NetworkId? network = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(max);
        ArgumentOutOfRangeException.ThrowIfNegative(percent);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(percent, 100);
        long now = Now();
        lock (_lock)
        {
            int available = network is { } one ? _tables.CountOf(one).Total : _tables.Count;
            int wanted = Math.Min(available, Math.Min(max, Math.Max(1, _tables.Count * percent / 100)));
            var drawn = new List<TimedAddress>(wanted);
            for (int i = 0; i < _tables.Count && drawn.Count < wanted; i++)
            {
                _tables.Swap(i, _random.Next(i, _tables.Count));
                KnownAddress address = _tables.All[i];
                if ((network is null || address.Network == network) && !address.Entry.IsTerrible(now))
                    drawn.Add(address.Entry.Address);
            }

            return [.. drawn];
        }
    }

    private NetworkCount CountOf(ReadOnlySpan<NetworkId> networks)
    {
        if (networks.IsEmpty)
            return new NetworkCount(_tables.NewCount, _tables.TriedCount);
        int inNew = 0, inTried = 0;
        foreach (NetworkId network in networks)
        {
            NetworkCount one = _tables.CountOf(network);
            inNew += one.New;
            inTried += one.Tried;
        }

        return new NetworkCount(inNew, inTried);
    }
}
