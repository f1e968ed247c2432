using Logos.P2P.Wire;

namespace Logos.P2P.AddrMan;

/// <summary>
/// The answers to `getaddr`, each kept for a day. Whoever asks again and again, by however many connections, learns no more
/// than one answer, and cannot see from how answers change when we learnt of an address; whoever reaches us at two addresses
/// cannot tell by the answers that they are one node. Bitcoin Core's rule (`net.cpp`, GetAddresses).
/// </summary>
/// <param name="draw">
/// Draws a new answer from the address book. Called while no lock is held, and its result is not changed by anybody.
/// </param>
/// <param name="random">The source of chance, used by this object alone.</param>
public sealed class AddressResponseCache(Func<TimedAddress[]> draw, Random random)
{
    /// <summary>
    /// The most answers kept. A node has a handful of addresses of its own and meets peers of five networks; only one that is
    /// reached at a whole prefix could exceed this, and then the answer that would end first goes.
    /// </summary>
    public const int MaxAnswers = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<(NetEndpoint Local, NetworkId Requester), Answer> _answers = [];

    /// <summary>How long an answer is kept at least.</summary>
    public static TimeSpan MinLifetime { get; } = TimeSpan.FromHours(21);

    /// <summary>
    /// How much longer at most, chosen evenly for each answer, so that nobody knows when to ask for a fresh one.
    /// </summary>
    public static TimeSpan MaxExtraLifetime { get; } = TimeSpan.FromHours(6);

    /// <summary>The answers kept, 0 to <see cref="MaxAnswers"/>.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _answers.Count;
        }
    }

    /// <summary>The answer for a peer.</summary>
    /// <param name="local">The address of ours that the peer connected to.</param>
    /// <param name="requester">The network the peer is on.</param>
    /// <param name="now">The time of any clock that never goes back.</param>
    public ReadOnlyMemory<TimedAddress> Get(NetEndpoint local, NetworkId requester, TimeSpan now)
    {
        lock (_lock)
        {
            if (Find(local, requester, now) is { } kept)
                return kept;
        }

        TimedAddress[] drawn = draw();
        lock (_lock)
        {
            // Another peer may have asked meanwhile; then there is one answer already.
            if (Find(local, requester, now) is { } kept)
                return kept;
            if (_answers.Count >= MaxAnswers)
                MakeRoom();
            TimeSpan end = now + MinLifetime + (MaxExtraLifetime * random.NextDouble());
            _answers[(local, requester)] = new Answer(drawn, end);
            return drawn;
        }
    }

    private TimedAddress[]? Find(NetEndpoint local, NetworkId requester, TimeSpan now)
    {
        if (!_answers.TryGetValue((local, requester), out Answer answer))
            return null;
        if (now < answer.End)
            return answer.Addresses;
        _answers.Remove((local, requester));
        return null;
    }

    private void MakeRoom() => _answers.Remove(_answers.MinBy(answer => answer.Value.End).Key);

    private readonly record struct Answer(TimedAddress[] Addresses, TimeSpan End);
}
