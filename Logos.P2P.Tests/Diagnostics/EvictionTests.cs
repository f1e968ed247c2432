using System.Buffers.Binary;
using System.Net;
using Logos.P2P.AddrMan;
using Logos.P2P.Diagnostics;
using Logos.P2P.Relay;
using Logos.P2P.Tests.AddrMan;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Diagnostics;

/// <summary>Caches that are given ten times what they hold stay within their bound, and tell how much went.</summary>
internal sealed class EvictionTests
{
    private readonly FramePool _pool = new(P2PNetwork.Regtest);

    [Test]
    public void Ids_of_seen_messages()
    {
        const int Capacity = 10_000, Added = 10 * Capacity;
        var seen = new SeenMessages(Capacity, new Random(1));
        for (int i = 0; i < Added; i++)
            seen.TryAdd(IdOf(i));

        MemoryUse use = seen.Memory;
        Assert.That(use.Entries, Is.InRange(Capacity, 2 * Capacity));
        Assert.That(use.Bytes, Is.LessThanOrEqualTo(use.Capacity));
        Assert.That(use.Evicted, Is.EqualTo(Added - use.Entries));
    }

    [Test]
    public void Messages_kept_for_those_who_ask()
    {
        const int Added = 20_000;
        var store = new MessageStore(Added * 512 / 10, TimeSpan.FromHours(1));
        for (int i = 0; i < Added; i++)
            Use(i, frame => store.Add(frame, TimeSpan.FromMinutes(1)));

        MemoryUse use = store.Memory;
        Assert.That(use.Bytes, Is.LessThanOrEqualTo(use.Capacity));
        Assert.That(use.Entries, Is.LessThan(Added / 2));
        Assert.That(use.Evicted, Is.EqualTo(Added - use.Entries));
        store.Clear();
    }

    [Test]
    public void Messages_kept_for_those_who_come_later()
    {
        const int Added = 3 * NodeDefaults.MaxImportantMessages;
        var important = new ImportantMessages(new ShortIdKey(1, 2));
        for (int i = 0; i < Added; i++)
            Use(i, frame => important.Keep(frame, 0, TimeSpan.FromMinutes(1)));

        MemoryUse use = important.Memory;
        Assert.That(use.Entries, Is.EqualTo(NodeDefaults.MaxImportantMessages));
        Assert.That(use.Evicted, Is.EqualTo(Added - use.Entries));
    }

    [Test]
    public void Addresses()
    {
        var book = new Book();
        int added = 0;
        for (int i = 0; i < 400_000; i++)
        {
            // Nobody loses his place to a newcomer before he was not heard of for a month.
            if (i == 200_000)
                book.Clock.Advance(TimeSpan.FromDays(40));
            var endpoint = new NetEndpoint(NetAddress.From(new IPAddress([(byte)(20 + (i % 50)), (byte)(i >> 16), (byte)(i >> 8), (byte)i])), 8333);
            added += book.Manager.Add(
                [new TimedAddress(endpoint, Services.Logos, (uint)book.Now)], NetAddress.From(new IPAddress([8, (byte)(i >> 8), (byte)i, 1])));
        }

        Assert.That(book.Manager.Count, Is.LessThanOrEqualTo(AddrManParameters.Capacity));
        Assert.That(book.Manager.EvictedCount, Is.Positive.And.EqualTo(added - book.Manager.Count));
        Assert.That(book.Manager.GetBucketFill().New.Sum(places => places), Is.EqualTo(book.Manager.Count));
    }

    private static MessageId IdOf(int number)
    {
        byte[] bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        return MessageId.Compute(bytes);
    }

    private void Use(int number, Action<Frame> use)
    {
        byte[] payload = new byte[200];
        BinaryPrimitives.WriteInt32LittleEndian(payload, number);
        Frame frame = _pool.Create(Command.Logos, payload);
        use(frame);
        frame.Release();
    }
}
