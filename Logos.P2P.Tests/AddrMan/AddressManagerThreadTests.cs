using Logos.P2P.AddrMan;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.AddrMan;

[TestFixture]
[Category("Slow")]
internal sealed class AddressManagerThreadTests
{
    [Test]
    public void Many_threads_can_use_one_manager()
    {
        var book = new Book(Book.DefaultOptions(1) with { Hash = new CollidingHash(100) });
        var store = new Dictionary<NetEndpoint, AddressEntry>();
        long now = book.Now;
        Task[] users = [.. Enumerable.Range(0, 4).Select(seed => Task.Run(() => Use(book, new Random(seed), now)))];
        while (!Task.WaitAll(users, millisecondsTimeout: 0))
            Apply(book.Manager.TakeChanges(), store);
        Apply(book.Manager.TakeChanges(), store);

        book.Manager.Check();
        Assert.That(store.Values, Is.EquivalentTo(book.Manager.Snapshot()));
    }

    private static void Use(Book book, Random random, long now)
    {
        for (int i = 0; i < 5_000; i++)
        {
            NetEndpoint endpoint = Book.Endpoint($"{random.Next(20, 99)}.{random.Next(9)}.1.1");
            book.Manager.Add([new TimedAddress(endpoint, Services.Logos, (uint)(now + i))], Book.Source);
            book.Manager.Attempt(endpoint, countFailure: true, now);
            if (i % 3 == 0)
                book.Manager.Good(endpoint, now);
            book.Manager.Select();
            book.Manager.GetAddresses(10);
        }
    }

    private static void Apply(AddressChanges changes, Dictionary<NetEndpoint, AddressEntry> store)
    {
        foreach (NetEndpoint removed in changes.Removed)
            store.Remove(removed);
        foreach (AddressEntry entry in changes.Upserted)
            store[entry.Endpoint] = entry;
    }
}
