using System.Collections.Concurrent;

namespace Logos.P2P.Relay;

/// <summary>
/// Rows by the link that a message came on: all there is to go by where the origin is unknown. Links that were not heard from
/// get everything. Each row is guarded by itself, so that links do not wait for each other.
/// </summary>
/// <param name="rate">How much a sample counts.</param>
/// <param name="threshold">Payloads are sent to links where they would be the first with at least this chance.</param>
internal sealed class PairRows(double rate, double threshold)
{
    private readonly ConcurrentDictionary<int, RelayRow> _rows = new();

    public void Choose(in RelayStep step, ReadOnlySpan<int> slots, Span<bool> isPushed)
    {
        RelayRow row = RowOf(step);
        lock (row)
        {
            for (int i = 0; i < slots.Length; i++)
                isPushed[i] = !row.HasSamples(slots[i]) || row.ChanceOf(slots[i]) >= threshold;
        }
    }

    public void Learn(in RelayStep step, int slot, bool isUseful)
    {
        RelayRow row = RowOf(step);
        lock (row)
            row.Learn(slot, isUseful);
    }

    public void Close(int slot)
    {
        _rows.TryRemove(slot, out _);
        foreach (RelayRow row in _rows.Values)
        {
            lock (row)
                row.Forget(slot);
        }
    }

    private RelayRow RowOf(in RelayStep step) => _rows.GetOrAdd(step.From, static (_, rate) => new RelayRow(rate), rate);
}
