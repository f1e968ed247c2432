using Logos.P2P.Relay;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Relay;

internal sealed class PendingRequestsTests
{
    [Test]
    public void Requests_are_served_in_order_until_one_has_to_wait_and_it_is_the_first_of_the_next_time()
    {
        var requests = new PendingRequests();
        MessageId[] ids = Add(requests, 5);
        var served = new List<MessageId>();
        int room = 2;

        requests.Serve(Serve);
        Assert.That(served, Is.EqualTo(ids[..2]));
        Assert.That(requests.Memory.Entries, Is.EqualTo(3));
        requests.Serve(Serve);
        Assert.That(served, Has.Count.EqualTo(2), "There is no more room yet.");
        room = 100;
        requests.Serve(Serve);

        Assert.That(served, Is.EqualTo(ids));

        bool Serve(MessageId id)
        {
            if (room-- <= 0)
                return false;
            served.Add(id);
            return true;
        }
    }

    [Test]
    public void More_than_the_bound_are_refused_and_when_all_are_served_nothing_is_occupied()
    {
        var requests = new PendingRequests();
        Assert.That(requests.Memory.Bytes, Is.Zero);
        Add(requests, NodeDefaults.MaxPendingRequests);

        Assert.That(requests.TryAdd(MessageId.Empty), Is.False);
        Assert.That(requests.Memory.Entries, Is.EqualTo(NodeDefaults.MaxPendingRequests));
        Assert.That(requests.Memory.Bytes, Is.EqualTo(requests.Memory.Capacity).And.LessThanOrEqualTo(512 * 1024));
        requests.Serve(_ => true);
        Assert.That(requests.Memory.Entries, Is.Zero);
        Assert.That(requests.Memory.Bytes, Is.Zero);
        Assert.That(requests.TryAdd(MessageId.Empty), Is.True);
    }

    /// <summary>Sending makes room, and whoever notices that serves: possibly right inside of the call that serves.</summary>
    [Test]
    public void Room_that_comes_while_somebody_serves_is_used_by_him()
    {
        var requests = new PendingRequests();
        MessageId[] ids = Add(requests, 3);
        var served = new List<MessageId>();
        int refusals = 0;

        requests.Serve(Serve);

        Assert.That(served, Is.EqualTo(ids));
        Assert.That(refusals, Is.EqualTo(1));

        bool Serve(MessageId id)
        {
            if (served.Count == 1 && refusals == 0)
            {
                refusals++;
                // It comes too late for this answer.
                requests.Serve(_ => throw new InvalidOperationException("Two serve at once."));
                return false;
            }

            served.Add(id);
            return true;
        }
    }

    [Test]
    public async Task Each_request_is_served_once_and_none_is_left_however_many_threads_serve()
    {
        const int count = 10_000;
        var requests = new PendingRequests();
        var served = new List<MessageId>();
        int serving = 0;
        Task adding = Task.Run(() =>
        {
            for (int i = 0; i < count; i++)
            {
                requests.TryAdd(MessageId.Compute(BitConverter.GetBytes(i)));
                requests.Serve(Serve);
            }
        });
        Task helping = Task.Run(() =>
        {
            while (!adding.IsCompleted)
                requests.Serve(Serve);
        });

        await Task.WhenAll(adding, helping);

        Assert.That(served, Has.Count.EqualTo(count));
        Assert.That(served, Is.EqualTo(Enumerable.Range(0, count).Select(i => MessageId.Compute(BitConverter.GetBytes(i)))));

        bool Serve(MessageId id)
        {
            Assert.That(Interlocked.Increment(ref serving), Is.EqualTo(1));
            served.Add(id);
            Interlocked.Decrement(ref serving);
            return true;
        }
    }

    private static MessageId[] Add(PendingRequests requests, int count)
    {
        MessageId[] ids = [.. Enumerable.Range(0, count).Select(i => MessageId.Compute(BitConverter.GetBytes(i)))];
        foreach (MessageId id in ids)
            Assert.That(requests.TryAdd(id), Is.True);
        return ids;
    }
}
