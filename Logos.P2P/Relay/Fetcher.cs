using System.Collections.Immutable;
using Logos.P2P.Diagnostics;
using Logos.P2P.Peers;
using Logos.P2P.Transport;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Relay;

/// <summary>
/// Asks peers for what the upper layer needs, announced or not. What comes takes the way of every message. Any thread.
/// </summary>
/// <param name="server">The messages that are here.</param>
/// <param name="peers">Who can be asked.</param>
/// <param name="frames">Makes frames.</param>
/// <param name="clock">The time.</param>
/// <param name="logger">Is told of what nobody thought of.</param>
internal sealed class Fetcher(MessageServer server, PeerTable peers, FramePool frames, NodeClock clock, ILogger logger) : IDisposable
{
    /// <summary>
    /// Fetches at once: two for each of 32 delegates. Every message that comes while they last is hashed under each one's key.
    /// </summary>
    public const int MaxFetches = 64;

    /// <summary>Messages in a fetch: as many as one inventory may name.</summary>
    public const int MaxMessages = WireLimits.MaxInventory;

    /// <summary>
    /// What is new travels at the same time as the message that names it, and is given so long to come by itself. In the scenario
    /// `consensus` that halves what the origin sends and makes nothing later; 200 ms save little more.
    /// </summary>
    public static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private ImmutableArray<Fetch> _fetches = [];
    private bool _isOver;

    /// <summary>What is remembered of the messages that are fetched.</summary>
    public MemoryUse Memory
    {
        get
        {
            long entries = 0;
            foreach (Fetch fetch in _fetches)
                entries += fetch.Count;
            return new MemoryUse(entries, entries * Fetch.ItemBytes, (long)MaxFetches * MaxMessages * Fetch.ItemBytes);
        }
    }

    /// <summary>Fetches messages.</summary>
    /// <exception cref="InvalidOperationException">There are too many fetches.</exception>
    public async Task<FetchResult> FetchAsync(Fetch fetch, TimeSpan deadline, CancellationToken cancellationToken)
    {
        // Before it is looked up what is here, so that nothing that comes meanwhile is missed.
        Add(fetch);
        try
        {
            fetch.LookUp(server);
            if (fetch.Done.IsCompleted)
                return await fetch.Done;
            using ITimer end = clock.TimeProvider.CreateTimer(_ => fetch.End(), null, deadline, Timeout.InfiniteTimeSpan);
            using ITimer timer = clock.TimeProvider.CreateTimer(
                _ => TryAsk(fetch), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            using CancellationTokenRegistration registration = cancellationToken.Register(() => fetch.Cancel(cancellationToken));
            fetch.Timer = timer;
            fetch.Wake(FirstWait);
            return await fetch.Done;
        }
        finally
        {
            Remove(fetch);
        }
    }

    /// <summary>A message is here, and the upper layer was given it.</summary>
    public void Arrive(in MessageId id)
    {
        foreach (Fetch fetch in _fetches)
            fetch.Arrive(id);
    }

    /// <summary>A message has come for the first time; the upper layer has not judged it yet.</summary>
    /// <returns>The peers that were asked for it.</returns>
    public IReadOnlyList<RelayLink> NoteArrival(RelayLink? from, in MessageId id)
    {
        ImmutableArray<Fetch> fetches = _fetches;
        if (fetches.IsEmpty)
            return [];
        var asked = new List<RelayLink>();
        TimeSpan now = clock.Now;
        foreach (Fetch fetch in fetches)
            fetch.NoteArrival(from, id, now, asked);
        return asked;
    }

    /// <summary>A peer says that it is sending something large.</summary>
    public void Expect(RelayLink from, uint size)
    {
        foreach (Fetch fetch in _fetches)
            fetch.Expect(from, Math.Min(size, WireLimits.MaxPayload), clock.Now);
    }

    /// <summary>A peer does not have what we asked it for.</summary>
    public void NotFound(RelayLink from, InventoryList list)
    {
        foreach (Fetch fetch in _fetches)
        {
            bool isDeclined = false;
            for (int i = 0; i < list.Count; i++)
                isDeclined |= fetch.TryDecline(from, list[i].Id);
            if (isDeclined)
                fetch.Wake(TimeSpan.Zero);
        }
    }

    /// <summary>A peer does not have what we asked it for by short ids.</summary>
    public void Lacks(RelayLink from, in ShortIdKey key, ShortIdList list)
    {
        foreach (Fetch fetch in _fetches)
        {
            bool isDeclined = false;
            for (int i = 0; fetch.Key == key && i < list.Count; i++)
                isDeclined |= fetch.TryDecline(from, list[i]);
            if (isDeclined)
                fetch.Wake(TimeSpan.Zero);
        }
    }

    /// <summary>A peer is gone: others are asked for what it was asked for.</summary>
    public void Close(RelayLink link)
    {
        foreach (Fetch fetch in _fetches)
        {
            fetch.Close(link, clock.Now);
            fetch.Wake(TimeSpan.Zero);
        }
    }

    /// <summary>Ends all fetches with what is here.</summary>
    public void Dispose()
    {
        lock (_gate)
            _isOver = true;
        foreach (Fetch fetch in _fetches)
            fetch.End();
    }

    private void Add(Fetch fetch)
    {
        lock (_gate)
        {
            if (_isOver)
            {
                // It was begun while the node ran, which has stopped before a thread was there for it.
                fetch.End();
                return;
            }

            if (_fetches.Length == MaxFetches)
                throw new InvalidOperationException($"No more than {MaxFetches} fetches at once.");
            _fetches = _fetches.Add(fetch);
        }
    }

    private void Remove(Fetch fetch)
    {
        lock (_gate)
            _fetches = _fetches.Remove(fetch);
    }

    private void TryAsk(Fetch fetch)
    {
        try
        {
            Ask(fetch);
        }
#pragma warning disable CA1031 // On a thread of the pool, where an exception would end the process.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.HeartbeatFailed(logger, e);
        }
    }

    private void Ask(Fetch fetch)
    {
        if (fetch.Done.IsCompleted)
            return;
        TimeSpan now = clock.Now;
        List<FetchQuestion> questions = fetch.Ask(CandidatesFor(fetch), now, out TimeSpan next);
        foreach (FetchQuestion question in questions)
        {
            Frame frame = fetch.Key is { } key
                ? frames.Create(Command.WantShort, key, fetch.NamesOf(question))
                : frames.Create(Command.GetData, fetch.IdsOf(question));
            // Where there is no room for it the next peer is asked when this one has not answered in time.
            question.Link.Peer.Send(frame, SendLane.Small);
        }

        fetch.Wake(next - now);
    }

    /// <summary>Everybody who may be asked: the preferred peer, then who kept its promises, then the nearest.</summary>
    private List<RelayLink> CandidatesFor(Fetch fetch) =>
    [
        .. peers.Ready.Select(peer => peer.Link).OfType<RelayLink>()
            .Where(link => !link.IsClosed && (fetch.Key is null || link.Key is not null))
            .OrderBy(link => link.Peer.Id == fetch.PreferredPeer ? 0 : 1)
            .ThenBy(link => link.Doubt).ThenBy(link => link.RoundTrip),
    ];
}
