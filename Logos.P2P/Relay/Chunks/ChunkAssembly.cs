using Logos.P2P.Wire;

namespace Logos.P2P.Relay.Chunks;

/// <summary>How far a message is that travels in chunks.</summary>
internal enum ChunkStage
{
    /// <summary>Chunks are missing.</summary>
    Gathering,

    /// <summary>It is here, and the upper layer judges it.</summary>
    Judging,

    /// <summary>The upper layer wants it propagated: whoever asks is sent its chunks.</summary>
    Open,

    /// <summary>Nothing more is done with it.</summary>
    Over,
}

/// <summary>A question to one peer for chunks.</summary>
/// <param name="Link">The peer.</param>
/// <param name="Indexes">Which, as they are on the wire.</param>
internal readonly record struct ChunkQuestion(RelayLink Link, byte[] Indexes);

/// <summary>
/// A message while it travels in chunks: which of them are here, who has which, and who was asked for which. One for each list,
/// so that who lies in a list delays nobody else's. Whoever uses it locks it.
/// </summary>
/// <param name="name">What the list is called in what we are told.</param>
/// <param name="messageName">The same of the message.</param>
/// <param name="frame">The list as it travels; a reference is taken.</param>
/// <param name="list">The same, read.</param>
/// <param name="bringer">Who brought the list first; null when it was made here.</param>
/// <param name="now">The time.</param>
internal sealed class ChunkAssembly(
    ShortId name, ShortId messageName, Frame frame, ChunkList list, RelayLink? bringer, TimeSpan now)
{
    /// <summary>
    /// Bytes that one peer is asked for at once. Two round trips' worth of what a tenth of a fast line brings: more, and all wait
    /// in the queue of the first who has something, while others get it too.
    /// </summary>
    public const int Window = 128 * 1024;

    /// <summary>What the object occupies besides its parts and chunks.</summary>
    public const int ObjectBytes = 400;

    /// <summary>What is remembered of one chunk: its id, who was asked, when, and until when.</summary>
    public const int BytesOfChunk = MessageId.Size + (3 * sizeof(long));

    /// <summary>
    /// Bytes a second that a message has to come with to keep its buffer when there is no other: the slowest line that is waited
    /// for, 5 Mbit/s, with as many messages on it as there are buffers of the largest kind.
    /// </summary>
    private const double SlowBytesPerSecond = 5e6 / 8 / 8;

    private readonly Question[] _questions = new Question[list.Count];
    private readonly Dictionary<RelayLink, ChunkPart> _parts = [];
    private FrameBuilder? _builder;

    /// <summary>The message between its last chunk and the verdict.</summary>
    private Frame? _whole;
    private ChunkSet _here;
    private TimeSpan _bufferedAt;
    private long _brought;

    public ShortId Name => name;

    /// <summary>What the message is called in what we are told.</summary>
    public ShortId MessageName => messageName;

    /// <summary>The list as it travels.</summary>
    public Frame Frame => frame;

    public ChunkList List => list;

    /// <summary>Who brought the list first; null when it was made here.</summary>
    public RelayLink? Bringer => bringer;

    public ChunkStage Stage { get; set; }

    /// <summary>Whether the upper layer is, or was, asked about the first chunk.</summary>
    public bool IsBeginningJudged { get; set; }

    /// <summary>Whether the upper layer wants chunks passed on before all are here.</summary>
    public bool MayPass { get; set; }

    /// <summary>Whether chunks may be sent.</summary>
    public bool IsServed => Stage == ChunkStage.Open || (MayPass && Stage != ChunkStage.Over);

    /// <summary>Which chunks are here.</summary>
    public ref readonly ChunkSet Here => ref _here;

    /// <summary>When the last chunk came that was missing, or the list.</summary>
    public TimeSpan ProgressAt { get; private set; } = now;

    /// <summary>When to tell everybody that the whole is here; null when nobody is left to tell.</summary>
    public TimeSpan? TellAt { get; set; }

    /// <summary>When to announce it by other means to whoever does not have it; null when that is done.</summary>
    public TimeSpan? AnnounceAt { get; set; }

    /// <summary>Who brought the first chunk, and whose share of memory the buffer is; null before.</summary>
    public RelayLink? Payer { get; private set; }

    /// <summary>Whether the next chunk needs memory for the whole message.</summary>
    public bool NeedsBuffer => IsBare;

    /// <summary>Bytes of the buffer that it is being put together in, or judged in.</summary>
    public int BufferBytes => _builder?.Capacity ?? _whole?.Capacity ?? 0;

    /// <summary>
    /// When it gives way to others that need memory: when it has made no progress for a while, or little for long. A chunk now and
    /// then must not hold memory for minutes.
    /// </summary>
    public TimeSpan KeepsBufferUntil
    {
        get
        {
            TimeSpan earned = _bufferedAt + TimeSpan.FromSeconds(Interlocked.Read(ref _brought) / SlowBytesPerSecond);
            return ChunkPace.Longest + (earned < ProgressAt ? earned : ProgressAt);
        }
    }

    /// <summary>Whether there is nothing but the list.</summary>
    public bool IsBare => Stage == ChunkStage.Gathering && _builder is null;

    /// <summary>What it occupies besides that.</summary>
    public long Bytes => ObjectBytes + ((long)list.Count * BytesOfChunk) + ((long)_parts.Count * ChunkPart.Bytes);

    /// <summary>When the timer will wake for it.</summary>
    public TimeSpan WakesAt { get; set; } = TimeSpan.MaxValue;

    /// <summary>When the next question is to be looked at; null when none is open.</summary>
    public TimeSpan? Due
    {
        get
        {
            TimeSpan? due = null;
            foreach (Question question in _questions)
            {
                if (question.Asked is not null && !(due <= question.Due))
                    due = question.Due;
            }

            return due;
        }
    }

    public IEnumerable<ChunkPart> Parts => _parts.Values;

    public ChunkPart PartOf(RelayLink link)
    {
        if (!_parts.TryGetValue(link, out ChunkPart? part))
            _parts.Add(link, part = new ChunkPart(link));
        return part;
    }

    /// <summary>Those who do not have the message, and have not spoken of it since some time. Each is taken once.</summary>
    public IEnumerable<RelayLink> TakeIdle(TimeSpan since)
    {
        foreach (ChunkPart part in _parts.Values)
        {
            if (part.HasWhole || part.IsAnnounced || part.HeardAt > since)
                continue;
            part.IsAnnounced = true;
            yield return part.Link;
        }
    }

    /// <summary>
    /// Whether a chunk may be one of these. Only the last may be small: a few bytes must not have all ids of all lists compared.
    /// </summary>
    public bool IsOfIts(Frame chunk) => chunk.PayloadLength == list.ChunkSize
        ? list.Ids.Contains(chunk.Id)
        : chunk.PayloadLength == list.LengthOf(list.Count - 1) && list.Ids[^1] == chunk.Id;

    /// <summary>Where the bytes of a chunk with a hash belong; -1 for nowhere, or that it is here.</summary>
    public int FindMissing(in MessageId id, int length)
    {
        ReadOnlySpan<MessageId> ids = list.Ids;
        for (int i = 0; i < ids.Length; i++)
        {
            if (ids[i] == id && !_here.Has(i) && list.LengthOf(i) == length)
                return i;
        }

        return -1;
    }

    /// <summary>Takes the bytes of a chunk that is missing. The buffer is there only now: a list alone costs nothing.</summary>
    /// <returns>Who else was asked for it, and need not send it; null for nobody.</returns>
    public RelayLink? Take(RelayLink from, int index, ReadOnlySpan<byte> bytes, FramePool frames, TimeSpan at)
    {
        if (_builder is null)
            (_builder, Payer, _bufferedAt) = (frames.Build(list.Length), from, at);
        bytes.CopyTo(_builder.Payload[list.RangeOf(index)]);
        _here.Add(index);
        ProgressAt = at;
        ChunkPart part = PartOf(from);
        part.Has.Add(index);
        RelayLink? asked = _questions[index].Asked;
        if (asked == from)
            from.ChunkPace.Bring(_questions[index].At, at);
        StopAsking(index);
        return asked == from ? null : asked;
    }

    /// <summary>Copies a chunk that is here into a frame, before the message is open. The caller owns a reference.</summary>
    public Frame? Cut(int index, FramePool frames)
    {
        if (_builder is null && _whole is null)
            return null;
        ReadOnlySpan<byte> message = _builder is null ? _whole!.Payload : _builder.Payload;
        return frames.CreateChunk(message[list.RangeOf(index)], list.Ids[index]);
    }

    /// <summary>Bytes of chunks came that were of use. One that is there many times came once.</summary>
    public void NoteBrought(int bytes) => Interlocked.Add(ref _brought, bytes);

    /// <summary>
    /// All chunks are here. If they are the message, chunks are served until there is a verdict. The caller owns what they are.
    /// </summary>
    public Frame Seal()
    {
        Frame whole = _builder!.Seal();
        _builder = null;
        // At once: whoever looks for the list that a message came by must not find a lie.
        Stage = whole.Id == list.Message ? ChunkStage.Judging : ChunkStage.Over;
        if (Stage == ChunkStage.Judging)
        {
            whole.AddReference();
            _whole = whole;
        }

        return whole;
    }

    /// <summary>The upper layer wants it propagated, and the store has it.</summary>
    public void Open(TimeSpan at)
    {
        Stop(ChunkStage.Open);
        _here.AddAll(list.Count);
        ProgressAt = at;
    }

    /// <summary>Nothing more is done with it.</summary>
    public void End()
    {
        Stop(ChunkStage.Over);
        TellAt = AnnounceAt = null;
    }

    /// <summary>A peer is gone.</summary>
    public void Forget(RelayLink link)
    {
        for (int i = 0; i < _questions.Length; i++)
        {
            if (_questions[i].Asked == link)
                StopAsking(i);
        }

        _parts.Remove(link);
    }

    /// <summary>A peer does not have chunks that it was asked for.</summary>
    /// <param name="link">The peer.</param>
    /// <param name="missing">What it does not have, chunks or not. Of more than a message can have chunks only the first are looked at.</param>
    /// <returns>False when it was not asked for any of them.</returns>
    public bool Refuse(RelayLink link, in InventoryList missing)
    {
        if (!_parts.TryGetValue(link, out ChunkPart? part))
            return false;
        bool isNews = false;
        for (int i = 0; i < Math.Min(missing.Count, ChunkList.MaxCount) && part.Asked > 0; i++)
            isNews |= TakeBack(link, missing[i].Id, hasIt: false);
        return isNews;
    }

    /// <summary>A peer is not waited for with a chunk any more, and has not failed with it.</summary>
    /// <returns>False when it was not asked for it.</returns>
    public bool TakeBack(RelayLink link, in MessageId id, bool hasIt)
    {
        bool wasAsked = false;
        for (int i = 0; i < _questions.Length; i++)
        {
            if (_questions[i].Asked != link || list.Ids[i] != id)
                continue;
            StopAsking(i);
            if (!hasIt)
                PartOf(link).Has.Remove(i);
            wasAsked = true;
        }

        return wasAsked;
    }

    /// <summary>Whom to ask for what now.</summary>
    /// <param name="at">The time.</param>
    /// <param name="random">Chooses where nothing else does, so that neighbours do not all ask for the same.</param>
    /// <param name="news">Chunks that are to be looked at only; none for all.</param>
    public List<ChunkQuestion> Ask(TimeSpan at, RandomSource random, ReadOnlySpan<byte> news)
    {
        var chosen = new Dictionary<RelayLink, ChunkSet>();
        if (!news.IsEmpty)
        {
            foreach (byte index in news)
                TryAsk(index, at, random, chosen);
            return Questions(chosen);
        }

        int start = (int)(random.NextUInt64() % (uint)list.Count);
        // Nothing may go on before the upper layer has seen the first chunk.
        TryAsk(0, at, random, chosen);
        for (int i = 0; i < list.Count; i++)
            TryAsk((start + i) % list.Count, at, random, chosen);
        return Questions(chosen);
    }

    /// <summary>Takes back questions that were not answered in time, if somebody else can be asked or nothing will come.</summary>
    public void GiveUpLate(TimeSpan at)
    {
        for (int i = 0; i < _questions.Length; i++)
        {
            ref Question question = ref _questions[i];
            if (question.Asked is not { } late || question.Due > at)
                continue;
            question.Due = late.ChunkPace.DueOf(question.At, late.RoundTrip);
            if (question.Due > at)
                continue;
            bool isLost = at - question.At >= ChunkPace.Longest;
            if (!isLost && !CanAskElsewhere(i, late))
            {
                question.Due = question.At + ChunkPace.Longest;
                continue;
            }

            late.AddDebt();
            PartOf(late).Failed.Add(i);
            StopAsking(i);
            if (isLost)
                ForgetFailures(i);
        }
    }

    private static List<ChunkQuestion> Questions(Dictionary<RelayLink, ChunkSet> chosen) =>
        [.. chosen.Select(pair => new ChunkQuestion(pair.Key, pair.Value.Without(default)))];

    private void TryAsk(int index, TimeSpan at, RandomSource random, Dictionary<RelayLink, ChunkSet> chosen)
    {
        if (_here.Has(index) || _questions[index].Asked is not null)
            return;
        ChunkPart? best = null;
        (int Doubt, int Asked, ulong Draw) bestRank = default;
        foreach (ChunkPart part in _parts.Values)
        {
            if (!part.Has.Has(index) || part.Failed.Has(index) || part.Link.IsClosed || (part.Asked + 1) * list.ChunkSize > Window)
                continue;
            (int Doubt, int Asked, ulong Draw) rank = (part.Link.Doubt, part.Asked, random.NextUInt64());
            if (best is null || rank.CompareTo(bestRank) < 0)
                (best, bestRank) = (part, rank);
        }

        if (best is null)
            return;
        best.Asked++;
        RelayLink link = best.Link;
        link.ChunkPace.Ask(list.ChunkSize);
        _questions[index] = new Question { Asked = link, At = at, Due = link.ChunkPace.DueOf(at, link.RoundTrip) };
        ChunkSet indexes = chosen.GetValueOrDefault(link);
        indexes.Add(index);
        chosen[link] = indexes;
    }

    private bool CanAskElsewhere(int index, RelayLink than) => _parts.Values.Any(part =>
        part.Link != than && part.Has.Has(index) && !part.Failed.Has(index) && !part.Link.IsClosed
        && (part.Asked + 1) * list.ChunkSize <= Window);

    /// <summary>When all have failed, all may be asked again.</summary>
    private void ForgetFailures(int index)
    {
        if (_parts.Values.Any(part => part.Has.Has(index) && !part.Failed.Has(index)))
            return;
        foreach (ChunkPart part in _parts.Values)
            part.Failed.Remove(index);
    }

    private void Stop(ChunkStage stage)
    {
        Stage = stage;
        _builder?.Cancel();
        _builder = null;
        _whole?.Release();
        _whole = null;
        for (int i = 0; i < _questions.Length; i++)
            StopAsking(i);
    }

    private void StopAsking(int index)
    {
        ref Question question = ref _questions[index];
        if (question.Asked is { } link && _parts.TryGetValue(link, out ChunkPart? part))
        {
            part.Asked--;
            link.ChunkPace.StopAsking(list.ChunkSize);
        }

        question = default;
    }

    private struct Question
    {
        public RelayLink? Asked;
        public TimeSpan At;
        public TimeSpan Due;
    }
}
