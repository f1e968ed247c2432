using Logos.P2P.Transport;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Transport;

internal sealed class ByteBudgetTests
{
    private readonly FramePool _pool = new(P2PNetwork.Regtest);

    [Test]
    public void A_frame_counts_once_however_many_own_it_and_is_free_when_nobody_does()
    {
        var budget = new ByteBudget(_pool, 1_000_000);
        Frame frame = _pool.Create(Command.Logos, new byte[1000]);
        frame.AddReference();

        Assert.That(budget.Used, Is.EqualTo(frame.Capacity));
        frame.Release();
        Assert.That(budget.Free, Is.EqualTo(1_000_000 - frame.Capacity));
        frame.Release();
        Assert.That(budget.Used, Is.Zero);
    }

    [Test]
    public void A_share_shrinks_with_what_is_left_and_ends_before_the_reserve()
    {
        var budget = new ByteBudget(_pool, 8_000_000);
        Assert.That(budget.ShareOf(500_000), Is.EqualTo(500_000));
        Assert.That(budget.ShareOf(5_000_000), Is.EqualTo(750_000));

        Frame[] frames = [_pool.Create(Command.Logos, new byte[4_000_000])];
        Assert.That(budget.ShareOf(5_000_000), Is.EqualTo((6_000_000 - frames[0].Capacity) / 8));
        frames = [.. frames, _pool.Create(Command.Logos, new byte[2_000_000])];

        Assert.That(budget.Free, Is.Positive);
        Assert.That(budget.ShareOf(5_000_000), Is.Zero);
        Assert.That(budget.IsShort, Is.True);
        foreach (Frame frame in frames)
            frame.Release();
    }

    [Test]
    public void While_memory_is_not_short_a_message_of_the_largest_kind_fits_in_a_share()
    {
        Frame largest = _pool.Create(Command.Logos, new byte[WireLimits.MaxPayload]);
        ByteBudget[] budgets =
            [.. Enumerable.Range(0, 100).Select(i => new ByteBudget(_pool, NodeDefaults.MinFrameMemory / 100 * i))];

        Assert.That(largest.Capacity, Is.EqualTo(ByteBudget.LargestFrame));
        foreach (ByteBudget budget in budgets)
            Assert.That(budget.IsShort, Is.EqualTo(budget.ShareOf(long.MaxValue) < largest.Capacity));
        Assert.That(budgets.Select(budget => budget.IsShort).Distinct().Count(), Is.EqualTo(2));
        largest.Release();
    }

    /// <summary>Queues that are filled in turn by peers that take nothing, each with frames of its own.</summary>
    [TestCase(10, 200)]
    [TestCase(200, 500)]
    [TestCase(200, 100_000)]
    [TestCase(400, 100_000)]
    public void However_many_hoard_the_budget_holds_and_a_newcomer_gets_a_place(int hoarders, int payload)
    {
        var budget = new ByteBudget(_pool, 64_000_000);
        SendQueue[] queues = [.. Enumerable.Range(0, hoarders).Select(_ => new SendQueue(1_000_000, budget))];

        bool isAnyTaken;
        do
        {
            isAnyTaken = false;
            foreach (SendQueue queue in queues)
            {
                Frame frame = _pool.Create(Command.Logos, new byte[payload]);
                isAnyTaken |= queue.TryEnqueue(frame, SendLane.Bulk);
                frame.Release();
            }
        }
        while (isAnyTaken);

        Assert.That(budget.Used, Is.LessThanOrEqualTo(budget.Capacity));
        var newcomer = new SendQueue(1_000_000, budget);
        Frame another = _pool.Create(Command.Logos, new byte[payload]);
        Assert.That(newcomer.TryEnqueue(another, SendLane.Bulk), Is.True);
        another.Release();
        foreach (SendQueue queue in (SendQueue[])[.. queues, newcomer])
            queue.Clear();
        Assert.That(budget.Used, Is.Zero);
    }
}
