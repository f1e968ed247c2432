using System.Buffers.Binary;
using Logos.P2P.Relay;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Relay;

internal sealed class SeenMessagesTests
{
    [Test]
    [Category("Slow")]
    public void A_million_distinct_ids_are_all_new_and_all_seen_afterwards()
    {
        const int million = 1_000_000;
        var seen = new SeenMessages(NodeDefaults.SeenMessages, new Random(1));
        int wronglySeen = 0, forgotten = 0, addedTwice = 0;
        for (int i = 0; i < million; i++)
            wronglySeen += seen.TryAdd(Id(i)) ? 0 : 1;
        for (int i = 0; i < million; i++)
        {
            forgotten += seen.Contains(Id(i)) ? 0 : 1;
            addedTwice += seen.TryAdd(Id(i)) ? 1 : 0;
        }

        int strangers = Enumerable.Range(million, million).Count(i => seen.Contains(Id(i)));
        Assert.That((wronglySeen, forgotten, addedTwice, strangers), Is.EqualTo((0, 0, 0, 0)));
    }

    [TestCase(64)]
    [TestCase(100)]
    [TestCase(1000)]
    [TestCase(4096)]
    [TestCase(50_000)]
    [Category("Slow")]
    public void At_least_the_latest_capacity_ids_are_remembered_at_every_moment(int capacity)
    {
        var seen = new SeenMessages(capacity, new Random(7));
        int count = 5 * capacity;
        int forgotten = 0;
        for (int i = 0; i < count; i++)
        {
            Assert.That(seen.TryAdd(Id(i)), Is.True);
            // The oldest one that must still be known.
            if (i >= capacity && !seen.Contains(Id(i - capacity + 1)))
                forgotten++;
        }

        Assert.That(forgotten, Is.Zero);
    }

    [Test]
    public void What_was_removed_is_new_again_and_all_others_are_still_known()
    {
        const int capacity = 2000;
        var random = new Random(3);
        // Room for all that is ever added: what was removed has taken its part of a generation.
        var seen = new SeenMessages(20 * capacity, new Random(1));
        var expected = new HashSet<int>();
        for (int i = 0; i < 20 * capacity; i++)
        {
            int id = random.Next(capacity);
            if (random.Next(2) == 0)
            {
                Assert.That(seen.TryAdd(Id(id)), Is.EqualTo(expected.Add(id)));
            }
            else
            {
                seen.Remove(Id(id));
                expected.Remove(id);
            }
        }

        Assert.That(Enumerable.Range(0, capacity).Where(i => seen.Contains(Id(i))), Is.EquivalentTo(expected));
        Assert.That(seen.Memory.Entries, Is.EqualTo(expected.Count));
    }

    [Test]
    [Category("Slow")]
    public void What_is_long_gone_is_forgotten_and_memory_stays_the_same()
    {
        const int capacity = 10_000;
        var seen = new SeenMessages(capacity, new Random(1));
        int next = 0;

        long allocated = Allocations.Least(() =>
        {
            for (int i = 0; i < 100 * capacity; i++)
                seen.TryAdd(Id(next++));
        });

        Assert.That(allocated, Is.Zero);
        int stillKnown = Enumerable.Range(0, 90 * capacity).Count(i => seen.Contains(Id(i)));
        Assert.That(stillKnown, Is.Zero);
    }

    [Test]
    public void Of_many_threads_with_the_same_id_exactly_one_is_first()
    {
        const int threads = 8, ids = 20_000;
        var seen = new SeenMessages(2 * ids, new Random(1));
        int[] winners = new int[ids];
        using var start = new Barrier(threads);
        Thread[] all = [.. Enumerable.Range(0, threads).Select(_ => new Thread(() =>
        {
            start.SignalAndWait();
            for (int i = 0; i < ids; i++)
            {
                if (seen.TryAdd(Id(i)))
                    Interlocked.Increment(ref winners[i]);
            }
        }))];
        foreach (Thread thread in all)
            thread.Start();
        foreach (Thread thread in all)
            thread.Join();

        Assert.That(winners, Is.All.EqualTo(1));
    }

    [Test]
    [Category("Slow")]
    public void Ten_minutes_of_ten_thousand_messages_a_second_fit_and_memory_is_150_MB()
    {
        var seen = new SeenMessages(NodeDefaults.SeenMessages, new Random(1));
        const int count = NodeDefaults.SeenMessages * 4 / 3;
        for (int i = 0; i < count; i++)
            seen.TryAdd(Id(i));

        int forgotten = Enumerable.Range(count - NodeDefaults.SeenMessages, NodeDefaults.SeenMessages).Count(i => !seen.Contains(Id(i)));
        Assert.That(forgotten, Is.Zero);
        Assert.That(seen.Memory.Bytes, Is.EqualTo(150e6).Within(1e6));
    }

    [Test]
    public void Looking_notes_nothing()
    {
        var seen = new SeenMessages(100, new Random(1));

        Assert.That(seen.Contains(Id(1)), Is.False);
        Assert.That(seen.TryAdd(Id(1)), Is.True);
    }

    [TestCase(0)]
    [TestCase(1)]
    public void Even_the_smallest_one_works(int capacity)
    {
        var seen = new SeenMessages(capacity, new Random(1));
        for (int i = 0; i < 1000; i++)
        {
            Assert.That(seen.TryAdd(Id(i)), Is.True);
            Assert.That(seen.TryAdd(Id(i)), Is.False);
        }
    }

    private static MessageId Id(int number)
    {
        Span<byte> bytes = stackalloc byte[MessageId.Size];
        bytes.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        return new MessageId(bytes);
    }
}
