namespace Logos.P2P.Relay;

/// <summary>A message at this node, as far as it matters to whom it goes.</summary>
/// <param name="Label">Who originated it, as the handler says; 0 for unknown.</param>
/// <param name="Size">Bytes of its frame.</param>
/// <param name="From">The slot of the link that brought it; see <see cref="RelayLink.Slot"/>. <see cref="Self"/> for our own.</param>
/// <param name="IsUrgent">Whether two peers are to send it to each, so that none of them delays it by failing.</param>
internal readonly record struct RelayStep(uint Label, int Size, int From, bool IsUrgent = false)
{
    /// <summary>The slot of messages that begin here.</summary>
    public const int Self = -1;
}

/// <summary>Somebody who could send us an origin's messages if another one failed.</summary>
/// <param name="Label">The origin.</param>
/// <param name="Slot">The link.</param>
internal readonly record struct Substitute(uint Label, int Slot);

/// <summary>
/// Who gets the bytes of a message at once, and who gets an announcement and asks. Learns from what peers make of it. Knows
/// links by their slots and nothing of sockets, frames or time but what it is told. Any thread.
/// </summary>
internal interface IRelayPolicy
{
    /// <summary>Whether peers must say what they make of payloads; those that cannot are sent announcements only.</summary>
    bool Learns { get; }

    /// <summary>How long an announced message is waited for before it is asked for: most payloads are faster.</summary>
    TimeSpan AskWait { get; }

    /// <summary>Which copy of a message it is that we call superfluous: 2 for a tree, 3 where two peers are to send it.</summary>
    int SuperfluousCopyOf(in RelayStep step);

    /// <summary>Decides for each link whether it is sent the payload.</summary>
    /// <param name="step">The message.</param>
    /// <param name="slots">The links.</param>
    /// <param name="isPushed">The decisions, in the same order.</param>
    /// <param name="now">The time.</param>
    void Choose(in RelayStep step, ReadOnlySpan<int> slots, Span<bool> isPushed, TimeSpan now);

    /// <summary>Learns whether sending the payload to a link was, or would have been, of use.</summary>
    void Learn(in RelayStep step, int slot, bool isUseful);

    /// <summary>Notes who brought a message first.</summary>
    /// <returns>Who did the time before; null when nobody did or that is not remembered.</returns>
    int? NoteParent(in RelayStep step);

    /// <summary>Notes who would have been the second to bring it.</summary>
    void NoteRunnerUp(in RelayStep step, int slot);

    /// <summary>The other end of a link wants all messages of an origin.</summary>
    void Graft(uint label, int slot);

    /// <summary>A link does not bring what it did.</summary>
    /// <returns>Who is to be asked instead, for each origin that the link brought.</returns>
    IReadOnlyList<Substitute> Replace(int slot);

    /// <summary>A link has ended: its slot will be another's. Call <see cref="Replace"/> before.</summary>
    void Close(int slot);
}
