using System.Globalization;
using System.Security.Cryptography;
using Logos.P2P.AddrMan;
using Logos.P2P.Diagnostics;
using Logos.P2P.Tests.AddrMan;
using Logos.P2P.Tests.Node;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Flow;

/// <summary>What a node occupies, by its own account and by the system's.</summary>
[NonParallelizable]
internal sealed class MemoryTests
{
    private const double MB = 1_000_000;

    [Test]
    public async Task N2_an_idle_peer_occupies_less_than_64_KiB_and_what_the_account_says()
    {
        const int count = 300;
        await using TestNode node = await TestNode.StartAsync(new P2POptions { Connect = ["0"], MaxConnections = 400 });
        using var peers = new StalledPeers();
        peers.Add(node.Endpoint, 20);
        await node.WaitForPeersAsync(20);
        // The sockets of the other ends are in this process too; with handshakes they are what a peer costs at most.
        long before = Heap();

        peers.Add(node.Endpoint, count);
        await node.WaitForPeersAsync(20 + count);

        long each = (Heap() - before) / count;
        TestContext.Out.WriteLine($"An idle peer: {each} bytes of heap with both ends, {MemoryAccounting.PeerBytes} by account.");
        Assert.That(each, Is.LessThan(64 * 1024));
        // Some of the read buffers may come from what other tests have left in the shared pool.
        Assert.That(each, Is.EqualTo(MemoryAccounting.PeerBytes).Within(30).Percent);
        Assert.That(node.Node.GetMemory()!.Peers.Entries, Is.EqualTo(20 + count));
    }

    [TestCase(200)]
    [TestCase(1000, Explicit = true, Category = "Long", Reason = "It takes a thousand connections.")]
    public async Task N2_a_process_with_idle_inbound_peers_stays_within_150_MB(int count)
    {
        using var directory = new TemporaryDirectory();
        await using ProgramProcess process = ProgramProcess.StartNode(
            directory.Path, "-connect=0", string.Create(CultureInfo.InvariantCulture, $"-maxconnections={count + 20}"));
        int port = await process.WaitForPortAsync();
        var node = new NetEndpoint(NetAddress.From(System.Net.IPAddress.Loopback), (ushort)port);
        using var peers = new StalledPeers();
        long before = process.ResidentBytes;

        peers.Add(node, count);

        long after = process.ResidentBytes;
        TestContext.Out.WriteLine(
            $"{count} idle inbound peers: {after / MB:F1} MB resident, {before / MB:F1} MB before; "
            + $"{(after - before) / count} bytes each.");
        Assert.That(after, Is.LessThan(150 * MB));
    }

    [Test]
    public async Task Stalled_readers_of_large_messages_stay_within_the_budget_and_the_account_agrees_with_the_heap()
    {
        const int stalled = 200, messages = 1500;
        long before = Heap();
        await using TestNode node = await TestNode.StartAsync(
            new P2POptions { Connect = ["0"], MaxConnections = 250, MaxFrameMemory = NodeDefaults.MinFrameMemory },
            new RecordingHandler { IsQuick = true });
        using var peers = new StalledPeers();
        peers.Add(node.Endpoint, stalled);
        await node.WaitForPeersAsync(stalled);
        using RawPeer reader = RawPeer.Connect(node.Endpoint);
        await node.WaitForPeersAsync(stalled + 1);
        Task<int> reading = Task.Run(() => ReadAll(reader, messages));
        byte[] payload = new byte[100 * 1024];
        long most = 0, mostQueued = 0;

        for (int i = 0; i < messages; i++)
        {
            RandomNumberGenerator.Fill(payload.AsSpan(0, 16));
            Assert.That(node.Node.Propagate(payload), Is.True);
            MemoryAccount now = node.Node.GetMemory()!;
            most = Math.Max(most, now.Frames.Bytes);
            mostQueued = Math.Max(mostQueued, now.SendQueues.Bytes);
            // Not faster than one can read who does.
            await Eventually.IsAsync(() => node.Node.GetPeers()[^1].BytesQueued < 500_000);
        }

        int read = await reading.WaitAsync(TestNode.Patience);
        MemoryAccount account = node.Node.GetMemory()!;
        long heap = Heap() - before;
        TestContext.Out.WriteLine(
            $"{stalled} stalled readers: frames {most / MB:F1} MB at most of {account.Frames.Capacity / MB:F0}, "
            + $"in queues (each counted for each) {mostQueued / MB:F1} MB.");
        TestContext.Out.WriteLine($"Account {account.Total / MB:F1} MB, heap {heap / MB:F1} MB. {account}");
        Assert.That(read, Is.EqualTo(messages), "Who reads gets everything.");
        Assert.That(most, Is.LessThan(account.Frames.Capacity));
        Assert.That(account.Total, Is.EqualTo(heap).Within(10).Percent);
    }

    [Test]
    public void An_address_book_occupies_what_the_account_says()
    {
        const int count = 30_000, books = 50;
        long start = Heap();
        var empties = new Book[books];
        for (int i = 0; i < books; i++)
            empties[i] = new Book();
        double empty = (double)(Heap() - start) / books;
        Book book = empties[0];
        start = Heap();
        for (int i = 0; i < count; i++)
            book.Add($"{20 + (i % 150)}.{i / 150 % 200}.{i % 7}.{1 + (i % 250)}", $"250.{i % 250}.1.1");
        long buckets = AddrManParameters.NewBucketCount * (long)MemoryAccounting.AddressBucketBytes;
        double each = (double)(Heap() - start - buckets) / book.Manager.Count;
        TestContext.Out.WriteLine($"Empty {empty:F0}, {book.Manager.Count} addresses with {each:F0} bytes each.");

        Assert.That(empty, Is.EqualTo(MemoryAccounting.AddressTableBytes).Within(30).Percent);
        Assert.That(each, Is.EqualTo(MemoryAccounting.AddressBytes).Within(30).Percent);
        GC.KeepAlive(empties);
    }

    private static int ReadAll(RawPeer reader, int count)
    {
        for (int i = 0; i < count; i++)
            reader.Read(Command.Logos);
        return count;
    }

    private static long Heap()
    {
        GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
