using Logos.P2P.Wire;

namespace Logos.P2P.Relay;

/// <summary>Peers that are asked for the same messages at the same time.</summary>
/// <param name="link">The peer.</param>
/// <param name="sentAt">When it was asked.</param>
internal sealed class FetchQuestion(RelayLink link, TimeSpan sentAt)
{
    /// <summary>What of a fetch is reckoned for each message, as its size is not known: that of a small transaction or two.</summary>
    private const int UsualSize = 2048;

    public RelayLink Link => link;

    /// <summary>The places of the messages in the fetch.</summary>
    public List<int> Places { get; } = [];

    /// <summary>When others are asked for what has not come.</summary>
    public TimeSpan Due { get; private set; }

    /// <summary>
    /// The peer gets so much time from now on: who delivers is waited for, but not longer than the slowest line would take.
    /// </summary>
    public void Extend(TimeSpan now, long size)
    {
        TimeSpan end = sentAt + RequestTracker.MaxPatience + RequestTracker.SendingTime((long)Places.Count * UsualSize);
        TimeSpan due = now + RequestTracker.PatienceWith(link, size);
        due = due < end ? due : end;
        // Something small that comes first is no reason to ask another one for something large.
        Due = due > Due ? due : Due;
    }

    /// <summary>The peer brings nothing more.</summary>
    public void End(TimeSpan now) => Due = now;
}

/// <summary>
/// Messages that the upper layer needs, and whom each was asked of. Peers are asked one at a time, in an order in which the
/// preferred one is first; when all were asked in vain it begins again. Guards itself.
/// </summary>
internal sealed class Fetch
{
    /// <summary>What a message occupies, with its place in the index.</summary>
    public const int ItemBytes = 128;

    /// <summary>How long to wait when nobody had a message: it may be on its way to those who will be asked again.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly Item[] _items;
    private readonly Dictionary<MessageId, int> _byId = [];
    private readonly Dictionary<ShortId, int> _byName = [];
    private readonly List<RelayLink> _order = [];
    private readonly List<FetchQuestion> _questions = [];
    private readonly TaskCompletionSource<FetchResult> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _missing;

    /// <summary>Fetches messages by their ids, each of which is named once.</summary>
    public Fetch(IReadOnlyList<MessageId> ids, long? preferredPeer)
    {
        PreferredPeer = preferredPeer;
        _items = new Item[ids.Count];
        _missing = ids.Count;
        _byId.EnsureCapacity(ids.Count);
        for (int i = 0; i < ids.Count; i++)
        {
            _items[i].Id = ids[i];
            _byId.Add(ids[i], i);
        }
    }

    /// <summary>Fetches messages by short ids.</summary>
    public Fetch(IReadOnlyList<ShortId> names, in ShortIdKey key, long? preferredPeer)
    {
        PreferredPeer = preferredPeer;
        Key = key;
        _items = new Item[names.Count];
        _missing = names.Count;
        _byName.EnsureCapacity(names.Count);
        for (int i = 0; i < names.Count; i++)
        {
            _items[i].Name = names[i];
            _byName.TryAdd(names[i], i);
        }
    }

    /// <summary>The key of the short ids; null when ids are known.</summary>
    public ShortIdKey? Key { get; }

    /// <summary>Who is asked first.</summary>
    public long? PreferredPeer { get; }

    /// <summary>Completes when nothing is missing any more, or with <see cref="End"/>.</summary>
    public Task<FetchResult> Done => _done.Task;

    /// <summary>Wakes whoever asks for it; null until something has to be asked for.</summary>
    public ITimer? Timer { private get; set; }

    /// <summary>How many messages.</summary>
    public int Count => _items.Length;

    /// <summary>Has it looked at after a while, up to the next millisecond: a timer that wakes too early finds nothing due.</summary>
    public void Wake(TimeSpan after) =>
        Timer?.Change(TimeSpan.FromMilliseconds(Math.Max(0, Math.Ceiling(after.TotalMilliseconds))), Timeout.InfiniteTimeSpan);

    /// <summary>Looks up what is here already.</summary>
    public void LookUp(MessageServer server)
    {
        if (_items.Length == 0)
            End();
        if (Key is { } key)
        {
            ShortId[] names = [.. _items.Select(item => item.Name)];
            ResolvedId[] resolved = server.ShortIds.Resolve(names, key);
            for (int i = 0; i < resolved.Length; i++)
                Settle(i, resolved[i]);
            return;
        }

        foreach ((MessageId id, int place) in _byId)
        {
            if (server.Has(id))
                Settle(place, new ResolvedId(Resolution.Found, id));
        }
    }

    /// <summary>A message is here.</summary>
    public void Arrive(in MessageId id)
    {
        if (TryFind(id, out int place))
            Settle(place, new ResolvedId(Resolution.Found, id));
    }

    /// <summary>A message has come from a peer, for the first time.</summary>
    /// <param name="from">The peer; null when it is our own.</param>
    /// <param name="id">The message.</param>
    /// <param name="now">The time.</param>
    /// <param name="asked">Is added who was asked for it.</param>
    public void NoteArrival(RelayLink? from, in MessageId id, TimeSpan now, List<RelayLink> asked)
    {
        if (!TryFind(id, out int place))
            return;
        lock (_gate)
        {
            ref readonly Item item = ref _items[place];
            asked.AddRange(_order.Take(item.HasBegunAgain ? _order.Count : item.Next));
            foreach (FetchQuestion question in _questions)
            {
                if (question.Link == from)
                    question.Extend(now, 0);
            }
        }
    }

    /// <summary>A peer says that it is sending something large, and may be what it was asked for.</summary>
    public void Expect(RelayLink from, long size, TimeSpan now)
    {
        lock (_gate)
        {
            foreach (FetchQuestion question in _questions)
            {
                if (question.Link == from)
                    question.Extend(now, size);
            }
        }
    }

    /// <summary>A peer does not have a message.</summary>
    /// <returns>Whether it was asked for it: then others are to be asked.</returns>
    public bool TryDecline(RelayLink from, in MessageId id) => TryFind(id, out int place) && TryDecline(from, place);

    /// <inheritdoc cref="TryDecline(RelayLink, in MessageId)"/>
    public bool TryDecline(RelayLink from, ShortId name) => _byName.TryGetValue(name, out int place) && TryDecline(from, place);

    /// <summary>A peer is gone.</summary>
    public void Close(RelayLink link, TimeSpan now)
    {
        lock (_gate)
        {
            foreach (FetchQuestion question in _questions)
            {
                if (question.Link == link)
                    question.End(now);
            }

            int turn = _order.IndexOf(link);
            if (turn < 0)
                return;
            _order.RemoveAt(turn);
            foreach (ref Item item in _items.AsSpan())
            {
                if (item.Next > turn)
                    item.Next--;
            }
        }
    }

    /// <summary>Decides whom to ask for what now.</summary>
    /// <param name="candidates">All who can be asked, the best first.</param>
    /// <param name="now">The time.</param>
    /// <param name="next">When to decide again.</param>
    public List<FetchQuestion> Ask(IReadOnlyList<RelayLink> candidates, TimeSpan now, out TimeSpan next)
    {
        var asked = new List<FetchQuestion>();
        next = now + Pause;
        lock (_gate)
        {
            foreach (RelayLink link in candidates)
            {
                if (!link.IsClosed && !_order.Contains(link))
                    _order.Add(link);
            }

            for (int i = 0; i < _items.Length; i++)
            {
                ref Item item = ref _items[i];
                if (item.Resolution == Resolution.Missing && item.DueAt <= now)
                    AskFor(ref item, i, asked, now);
            }

            foreach (FetchQuestion question in asked)
                question.Extend(now, 0);
            _questions.RemoveAll(question => question.Due <= now);
            _questions.AddRange(asked);
            foreach (ref readonly Item item in _items.AsSpan())
            {
                if (item.Resolution == Resolution.Missing && item.DueAt < next)
                    next = item.DueAt;
            }
        }

        return asked;
    }

    /// <summary>The names that a peer is asked for.</summary>
    public ShortId[] NamesOf(FetchQuestion question) => [.. question.Places.Select(place => _items[place].Name)];

    /// <summary>The ids that a peer is asked for.</summary>
    public MessageId[] IdsOf(FetchQuestion question) => [.. question.Places.Select(place => _items[place].Id)];

    /// <summary>Ends with what is here.</summary>
    public void End()
    {
        ResolvedId[] result;
        lock (_gate)
            result = [.. _items.Select(item => new ResolvedId(item.Resolution, item.Id))];
        _done.TrySetResult(new FetchResult(result));
    }

    /// <summary>Nobody waits for it any more.</summary>
    public void Cancel(CancellationToken cancellationToken) => _done.TrySetCanceled(cancellationToken);

    private bool TryFind(in MessageId id, out int place) => Key is { } key
        ? _byName.TryGetValue(ShortId.Of(id, key), out place)
        : _byId.TryGetValue(id, out place);

    private void AskFor(ref Item item, int place, List<FetchQuestion> asked, TimeSpan now)
    {
        while (item.Next < _order.Count && _order[item.Next].IsClosed)
            item.Next++;
        item.Question = null;
        if (item.Next == _order.Count)
        {
            (item.Next, item.HasBegunAgain, item.PausedUntil) = (0, true, now + Pause);
            return;
        }

        RelayLink link = _order[item.Next++];
        FetchQuestion? question = asked.Find(other => other.Link == link && other.Places.Count < ShortIdCodec.MaxCount);
        if (question is null)
            asked.Add(question = new FetchQuestion(link, now));
        question.Places.Add(place);
        item.Question = question;
    }

    private bool TryDecline(RelayLink from, int place)
    {
        lock (_gate)
        {
            ref Item item = ref _items[place];
            if (item.Question?.Link != from || item.Resolution != Resolution.Missing)
                return false;
            item.Question = null;
            item.PausedUntil = TimeSpan.Zero;
            return true;
        }
    }

    private void Settle(int place, in ResolvedId resolved)
    {
        if (resolved.Resolution == Resolution.Missing)
            return;
        lock (_gate)
        {
            ref Item item = ref _items[place];
            if (item.Resolution == Resolution.Missing)
                _missing--;
            else if (item.Id == resolved.Id)
                return;
            // Of two that it may stand for neither is it.
            item.Resolution = item.Resolution == Resolution.Missing ? resolved.Resolution : Resolution.Ambiguous;
            item.Id = resolved.Id;
            if (_missing > 0)
                return;
        }

        End();
    }

    private struct Item
    {
        public ShortId Name;
        public MessageId Id;
        public Resolution Resolution;

        /// <summary>Who is asked now; null for nobody.</summary>
        public FetchQuestion? Question;

        /// <summary>The place in the order of whom to ask next.</summary>
        public int Next;

        /// <summary>Whether all were asked in vain before.</summary>
        public bool HasBegunAgain;
        public TimeSpan PausedUntil;

        public readonly TimeSpan DueAt => Question?.Due ?? PausedUntil;
    }
}
