using System.Buffers.Binary;
using Logos.P2P.AddrMan;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.AddrMan;

/// <summary>What a flood does.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class AddressManagerLoadTests
{
    [Test]
    [Category("Slow")]
    public void A_million_addresses_from_everywhere_fill_the_new_table_and_no_more()
    {
        var book = new Book();
        long memory = GC.GetTotalMemory(forceFullCollection: true);
        Flood(book, 1_000_000, sources: 50_000);

        Assert.That(book.Manager.Count, Is.InRange(60_000, 65_536));
        book.Manager.Check();
        long grown = GC.GetTotalMemory(forceFullCollection: true) - memory;
        Assert.That(grown, Is.LessThan(40_000_000L), "bytes for a full new table, all of it to be stored");
        AddressChanges changes = book.Manager.TakeChanges();
        Assert.That(changes.Upserted, Has.Count.EqualTo(book.Manager.Count));
        Assert.That(changes.Removed, Is.Empty);

        long full = GC.GetTotalMemory(forceFullCollection: true);
        Flood(book, 500_000, sources: 50_000);
        book.Manager.TakeChanges();
        grown = GC.GetTotalMemory(forceFullCollection: true) - full;
        Assert.That(grown, Is.LessThan(2_000_000L), "a full table has grown as far as it goes");
    }

    [Test]
    [Category("Slow")]
    public void One_source_cannot_drive_out_what_others_told()
    {
        var book = new Book();
        Flood(book, 20_000, sources: 5_000);
        HashSet<NetEndpoint> before = [.. book.Manager.Snapshot().Select(entry => entry.Endpoint)];

        Flood(book, 200_000, sources: 1);
        int flooded = book.Manager.Snapshot().Count(entry => entry.Source == SourceOf(0));
        Assert.Multiple(() =>
        {
            Assert.That(flooded, Is.LessThanOrEqualTo(64 * 64), "64 buckets are all it can reach");
            Assert.That(before.All(book.Manager.Contains), Is.True);
        });
    }

    private static void Flood(Book book, int addresses, int sources)
    {
        var random = new Random(addresses);
        var batch = new TimedAddress[1000];
        Span<byte> bytes = stackalloc byte[4];
        for (int done = 0; done < addresses; done += batch.Length)
        {
            for (int i = 0; i < batch.Length; i++)
            {
                uint bits = ((uint)random.Next(20, 100) << 24) | (uint)random.Next(1 << 24);
                BinaryPrimitives.WriteUInt32BigEndian(bytes, bits);
                NetAddress.TryCreate(NetworkId.IPv4, bytes, out NetAddress address);
                var endpoint = new NetEndpoint(address, (ushort)random.Next(1, ushort.MaxValue));
                batch[i] = new TimedAddress(endpoint, Services.Logos, (uint)(book.Now - random.Next(1000)));
            }

            for (int i = 0; i < batch.Length; i += 10)
                book.Manager.Add(batch.AsSpan(i, 10), SourceOf(random.Next(sources)));
        }
    }

    private static NetAddress SourceOf(int number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, 0x20000001u + ((uint)number << 10));
        NetAddress.TryCreate(NetworkId.IPv4, bytes, out NetAddress source);
        return source;
    }
}
