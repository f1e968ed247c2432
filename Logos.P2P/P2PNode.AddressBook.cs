using Logos.P2P.Wire;

namespace Logos.P2P;

/// <summary>The address book and the bans of a running node, for programs that look after them themselves.</summary>
public sealed partial class P2PNode
{
    /// <summary>Takes note of addresses that the operator knows of, as if somebody had told them just now.</summary>
    /// <remarks>
    /// As if somebody else had told each: what one party tells shares at most a sixteenth of the table of those only heard of, where
    /// many would be in each other's way.
    /// </remarks>
    /// <param name="endpoints">Where nodes listen. What nobody could reach in this network is passed over.</param>
    /// <returns>How many got a place in the address book that they did not have.</returns>
    /// <exception cref="InvalidOperationException">The node does not run.</exception>
    public int AddAddresses(IEnumerable<NetEndpoint> endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        RunningNode running = Running;
        uint now = (uint)_environment.TimeProvider.GetUtcNow().ToUnixTimeSeconds();
        NetEndpoint[] all = [.. endpoints];
        return all.Sum(endpoint =>
            running.Book.Add([new TimedAddress(endpoint, Services.Logos, now)], NetAddress.FromInternalName($"operator {endpoint}")));
    }

    /// <summary>
    /// The addresses in the address book, those of banned hosts included; none when the node does not run. Their order stays from
    /// call to call as far as none comes or goes.
    /// </summary>
    public IReadOnlyList<TimedAddress> GetAddresses() =>
        [.. (_running?.Book.Snapshot() ?? []).Select(entry => entry.Address)];

    /// <summary>
    /// Writes the address book and the bans now. The node does so by itself as well, soon after they change and when it stops.
    /// </summary>
    /// <returns>False when they could not be written; the log says why.</returns>
    /// <exception cref="InvalidOperationException">The node does not run.</exception>
    public Task<bool> SaveAsync()
    {
        RunningNode running = Running;
        return _environment.Tasks.Run(running.SaveAsync);
    }

    /// <summary>
    /// Reads the stored address book and bans, and takes up what the node does not know. It does so by itself when it starts; this is
    /// for a program that has put something else there meanwhile.
    /// </summary>
    /// <returns>False when neither was there.</returns>
    /// <exception cref="InvalidOperationException">The node does not run.</exception>
    /// <exception cref="IOException">They cannot be read.</exception>
    public Task<bool> LoadAsync()
    {
        RunningNode running = Running;
        return _environment.Tasks.Run(running.LoadAsync);
    }
}
