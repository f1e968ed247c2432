namespace Logos.P2P.Relay;

/// <summary>
/// What is known of one kind of message: for each link how likely it is that our payload would be the first to get there. Its
/// owner guards it.
/// </summary>
/// <param name="rate">How much a new sample counts against all before, 0 to 1.</param>
internal sealed class RelayRow(double rate)
{
    private Cell[] _cells = [];

    /// <summary>Who brought the last message; null for nobody.</summary>
    public int? Parent { get; set; }

    /// <summary>Who would have been the second.</summary>
    public int? RunnerUp { get; set; }

    /// <summary>When it was last used.</summary>
    public TimeSpan LastUse { get; set; }

    /// <summary>On which link its first message came; null once that has ended, or if it was one of our own.</summary>
    public int? CreatedBy { get; private set; }

    /// <summary>
    /// Its first message goes to all. Until there is word from a link, so do the following ones: they may come before any word
    /// can.
    /// </summary>
    public static RelayRow Flood(double rate, int createdBy, ReadOnlySpan<int> slots)
    {
        var row = new RelayRow(rate) { CreatedBy = createdBy == RelayStep.Self ? null : createdBy };
        foreach (int slot in slots)
            row.CellOf(slot).Chance = 1;
        return row;
    }

    /// <summary>How likely it is that a payload for a link would be its first; nothing is expected of links not heard from.</summary>
    public float ChanceOf(int slot) => slot < _cells.Length ? _cells[slot].Chance : 0;

    /// <summary>Whether there has been word from a link.</summary>
    public bool HasSamples(int slot) => slot < _cells.Length && _cells[slot].HasSamples;

    /// <summary>Takes a sample. The first one of a link counts as all there is to know.</summary>
    public void Learn(int slot, bool isUseful)
    {
        ref Cell cell = ref CellOf(slot);
        float sample = isUseful ? 1 : 0;
        cell.Chance = cell.HasSamples ? cell.Chance + ((float)rate * (sample - cell.Chance)) : sample;
        cell.HasSamples = true;
    }

    /// <summary>The link asks for all that is of this kind. It may be wrong: the first word from it decides.</summary>
    public void Graft(int slot) => CellOf(slot) = new Cell { Chance = 1 };

    /// <summary>The link is another one from now on.</summary>
    public void Forget(int slot)
    {
        if (slot < _cells.Length)
            _cells[slot] = default;
        if (Parent == slot)
            Parent = null;
        if (RunnerUp == slot)
            RunnerUp = null;
        if (CreatedBy == slot)
            CreatedBy = null;
    }

    private ref Cell CellOf(int slot)
    {
        if (slot >= _cells.Length)
            Array.Resize(ref _cells, slot + 1);
        return ref _cells[slot];
    }

    private struct Cell
    {
        public float Chance;
        public bool HasSamples;
    }
}
