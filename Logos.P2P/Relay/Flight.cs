using System.Runtime.CompilerServices;
using Logos.P2P.Wire;

namespace Logos.P2P.Relay;

/// <summary>What happened between us and one peer about one message.</summary>
[Flags]
internal enum FlightMarks : byte
{
    None = 0,

    /// <summary>It has the message, or will before ours could reach it.</summary>
    Knows = 1,

    /// <summary>We sent it the payload unasked.</summary>
    Pushed = 2,

    /// <summary>We announced it to it.</summary>
    Announced = 4,

    /// <summary>We asked it for the payload.</summary>
    Asked = 8,

    /// <summary>It asked us, or said that it would rather have had the payload at once.</summary>
    Wanted = 16,

    /// <summary>It said that our payload came too late.</summary>
    WasLate = 32,

    /// <summary>It said that the payload is on its way.</summary>
    IsComing = 64,

    /// <summary>It asked for the payload.</summary>
    Requested = 128,
}

/// <summary>
/// A message while nodes tell each other about it: who has it, who was asked for it, who was sent it. Its owner guards it; it
/// is used again for another message afterwards.
/// </summary>
internal sealed class Flight
{
    private Cell[] _cells = [];
    private Cell _nobody;

    /// <summary>What the object occupies besides its cells, with its places in the table. A test measures it.</summary>
    public const int ObjectBytes = 400;

    /// <summary>What one link's part occupies.</summary>
    public static readonly int CellBytes = Unsafe.SizeOf<Cell>();

    /// <summary>What it occupies.</summary>
    public int Bytes => ObjectBytes + (_cells.Length * CellBytes);

    /// <summary>Where it is in its part of the table.</summary>
    public int Number { get; init; }

    /// <summary>Its name in what we are told.</summary>
    public ShortId Name { get; private set; }

    /// <summary>Its name; null while only short ids of it are known.</summary>
    public MessageId? Id { get; set; }

    /// <summary>Distinguishes this use of the object from others.</summary>
    public long Generation { get; private set; }

    public TimeSpan CreatedAt { get; private set; }

    /// <summary>Whether its payload is here.</summary>
    public bool IsHere { get; set; }

    /// <summary>When the payload came.</summary>
    public TimeSpan ArrivedAt { get; set; }

    /// <summary>What its end is counted from: when it was first heard of, or when the payload came.</summary>
    public TimeSpan FollowedSince => IsHere ? ArrivedAt : CreatedAt;

    /// <summary>How many times the payload came.</summary>
    public int Copies { get; set; }

    /// <summary>Where it came from and what it is; known when it is here.</summary>
    public RelayStep Step { get; set; }

    /// <summary>Who is asked now; null for nobody.</summary>
    public RelayLink? Asked { get; set; }

    /// <summary>Who takes a place with it, since he was the first to announce it; null when nobody does.</summary>
    public RelayLink? Announcer { get; set; }

    /// <summary>Whether anybody was asked.</summary>
    public bool WasAsked { get; private set; }

    /// <summary>Until when to wait for whoever said that it is on its way, before others may send it as well.</summary>
    public TimeSpan ComingUntil { get; set; }

    /// <summary>Bytes of it, as far as somebody said; for how long to wait.</summary>
    public int ExpectedSize { get; set; }

    /// <summary>When to look at it again; null for no more.</summary>
    public TimeSpan? Due { get; set; }

    /// <summary>When it was sent on; null for not yet.</summary>
    public TimeSpan? SentAt { get; set; }

    /// <summary>Whether it has taught what it can.</summary>
    public bool IsSettled { get; set; }

    /// <summary>Who watches how far it comes; null for what is not our own.</summary>
    public PublishReceipt? Receipt { get; set; }

    /// <summary>Whether the upper layer has said what is to become of it.</summary>
    public bool IsJudged { get; set; }

    /// <summary>Whether it is bad, or turned out to be.</summary>
    public bool IsWithdrawn { get; set; }

    /// <summary>Who brought the last message of its origin before, while he may still turn out to be merely slower.</summary>
    public RelayLink? Suspect { get; set; }

    /// <summary>What is known of each link; only those that anything happened with.</summary>
    public ReadOnlySpan<Cell> Cells => _cells;

    /// <summary>Begins a new life.</summary>
    public void Start(ShortId name, TimeSpan now)
    {
        Name = name;
        Generation++;
        CreatedAt = now;
        Id = null;
        IsHere = IsSettled = WasAsked = IsJudged = IsWithdrawn = false;
        ArrivedAt = ComingUntil = TimeSpan.Zero;
        Copies = ExpectedSize = 0;
        Step = default;
        Due = SentAt = null;
    }

    /// <summary>Lets go of all links, some of which may be gone before it is used again.</summary>
    public void End()
    {
        StopWaiting();
        Suspect = null;
        Receipt = null;
        Array.Clear(_cells);
    }

    /// <summary>A link has ended: it is not asked, and has nothing more to teach.</summary>
    public void Forget(RelayLink link)
    {
        if (link.Slot < _cells.Length && _cells[link.Slot].Link == link)
            _cells[link.Slot] = default;
        if (Suspect == link)
            Suspect = null;
    }

    /// <summary>The payload is here.</summary>
    public void Arrive(in MessageId id, in RelayStep step, TimeSpan now)
    {
        // Another message has the same name: what the upper layer thought of it is nothing against this one.
        if (Id is { } other && other != id)
            IsJudged = IsWithdrawn = false;
        Id = id;
        Step = step;
        IsHere = true;
        ArrivedAt = now;
        Copies = 1;
        Due = null;
        StopWaiting();
    }

    /// <summary>A peer says, in whatever words, that it has the message.</summary>
    /// <returns>What is to be told of that, when nothing is locked; null mostly.</returns>
    public MessageSpread? NoteKnows(RelayLink link, TimeSpan now)
    {
        ref Cell cell = ref CellOf(link);
        if (cell.Is(FlightMarks.Knows))
            return null;
        cell.Marks |= FlightMarks.Knows;
        return Receipt?.NoteKnown(now);
    }

    /// <summary>A peer asks for the message.</summary>
    public void NoteRequested(RelayLink link)
    {
        ref Cell cell = ref CellOf(link);
        if (!cell.Is(FlightMarks.Requested))
            Receipt?.NoteRequested();
        cell.Marks |= FlightMarks.Requested;
    }

    /// <summary>Nobody is asked, and it takes nobody's place.</summary>
    public void StopWaiting()
    {
        StopAsking();
        Announcer?.FreePlace();
        Announcer = null;
    }

    /// <summary>Nobody is asked any more.</summary>
    public void StopAsking()
    {
        Asked?.NoteAnswered();
        Asked = null;
    }

    /// <summary>Chooses whom to ask next: nobody twice, the least doubtful, of those the first to announce it.</summary>
    /// <returns>Null when nobody is left.</returns>
    public RelayLink? Ask()
    {
        RelayLink? best = null;
        (int Doubt, TimeSpan At) bestRank = default;
        foreach (ref readonly Cell cell in Cells)
        {
            if (cell.Link is not { IsClosed: false } link || cell.Is(FlightMarks.Asked) || !cell.Is(FlightMarks.Knows))
                continue;
            // A full id is needed for whoever does not know short ones.
            if (link.Key is null && Id is null)
                continue;
            // Whoever only said that it is coming may still be sending it, and would send it twice.
            TimeSpan at = cell.AnnouncedAt > TimeSpan.Zero ? cell.AnnouncedAt : TimeSpan.MaxValue;
            (int Doubt, TimeSpan At) rank = (link.Doubt, at);
            if (best is null || rank.CompareTo(bestRank) < 0)
                (best, bestRank) = (link, rank);
        }

        if (best is null)
            return null;
        CellOf(best).Marks |= FlightMarks.Asked;
        best.AddDebt();
        best.NoteAsked();
        WasAsked = true;
        return Asked = best;
    }

    /// <summary>Whether a peer said that it is sending it.</summary>
    public bool IsComingFrom(RelayLink link) => IsMarked(link, link.Slot, FlightMarks.IsComing);

    /// <summary>Whether a peer has it. Reads nothing of its link.</summary>
    public bool IsKnownTo(RelayLink link, int slot) => IsMarked(link, slot, FlightMarks.Knows);

    private bool IsMarked(RelayLink link, int slot, FlightMarks mark) =>
        slot < _cells.Length && _cells[slot].Link == link && _cells[slot].Is(mark);

    /// <summary>Nobody is sending it, whatever was said: those who said so owe it.</summary>
    public void GiveUpComing()
    {
        ComingUntil = TimeSpan.Zero;
        foreach (ref Cell cell in _cells.AsSpan())
        {
            if (!cell.Is(FlightMarks.IsComing))
                continue;
            cell.Marks &= ~FlightMarks.IsComing;
            cell.Link?.AddDebt();
        }
    }

    /// <summary>Who announced it first, of those who may be asked to send unasked; null for nobody.</summary>
    /// <param name="except">The slot of a link that does not count.</param>
    public RelayLink? EarliestAnnouncer(int? except)
    {
        RelayLink? earliest = null;
        TimeSpan at = TimeSpan.MaxValue;
        foreach (ref readonly Cell cell in Cells)
        {
            // What the cell says first: most have announced nothing, and their links need not be read.
            if (cell.AnnouncedAt > TimeSpan.Zero
                && cell.AnnouncedAt < at
                && !cell.Is(FlightMarks.Asked)
                && cell.Link is { IsClosed: false, Debt: < RelayLink.UntrustedDebt } link
                && link.Slot != except)
            {
                (earliest, at) = (link, cell.AnnouncedAt);
            }
        }

        return earliest;
    }

    /// <summary>
    /// What is known of a link. A link that has the slot of one that ended begins with nothing; what is noted of one that ended
    /// is lost.
    /// </summary>
    public ref Cell CellOf(RelayLink link)
    {
        if (link.IsClosed)
        {
            _nobody = default;
            return ref _nobody;
        }

        if (link.Slot >= _cells.Length)
            Array.Resize(ref _cells, Math.Max(link.Slot + 1, 2 * _cells.Length));
        ref Cell cell = ref _cells[link.Slot];
        if (cell.Link != link)
            cell = new Cell { Link = link };
        return ref cell;
    }

    /// <summary>One link's part in the flight.</summary>
    internal struct Cell
    {
        public RelayLink? Link;
        public FlightMarks Marks;

        /// <summary>When it announced the message; zero for never.</summary>
        public TimeSpan AnnouncedAt;

        public readonly bool Is(FlightMarks mark) => (Marks & mark) != 0;

        /// <summary>
        /// Whether sending the payload was of use, or would have been, as far as what the peer did not say tells; null when it
        /// has said so itself, or nothing was sent.
        /// </summary>
        public readonly bool? LastLesson => Marks switch
        {
            _ when Is(FlightMarks.Pushed) && !Is(FlightMarks.WasLate) => true,
            _ when Is(FlightMarks.Announced) && !Is(FlightMarks.Wanted) => false,
            _ => null,
        };
    }
}
