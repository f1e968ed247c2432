using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Logos.P2P.AddrMan;
using Logos.P2P.Storage;
using Logos.P2P.Tests.Raw;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Node;

/// <summary>
/// <c>kill -9</c> at random moments while addresses stream in. Every restart opens cleanly and has what was known.
/// </summary>
/// <remarks>
/// Which addresses a node takes is known from a second address manager in the test, with the node's key and fed the same in
/// the same order: one address a message, since a node shuffles those of one message.
/// </remarks>
internal sealed class KillTests
{
    /// <summary>
    /// What was known this long before the kill must be there. On live networks, where the book is written every 5 s, 10 s
    /// are promised; on regtest it is written every second.
    /// </summary>
    private static readonly TimeSpan MayBeLost = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan ShortestLife = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan LongestLife = TimeSpan.FromSeconds(4.2);

    /// <summary>With <see cref="BatchSize"/> a little less than the 1,000 addresses in a life that a peer may tell.</summary>
    private static readonly TimeSpan BetweenBatches = TimeSpan.FromMilliseconds(50);

    private const int BatchSize = 10;

    [TestCase(4)]
    [TestCase(200, Explicit = true, Category = "Long", Reason = "It takes ten minutes.")]
    public async Task A_node_that_was_killed_opens_its_book_and_knows_what_it_knew(int kills)
    {
        int seed = Environment.TickCount;
        TestContext.Out.WriteLine($"Seed {seed}");
        var random = new Random(seed);
        using var directory = new TemporaryDirectory();
        HashSet<NetEndpoint> expected = [];
        int told = 0, provenInTheirLife = 0;
        for (int kill = 0; kill <= kills; kill++)
        {
            string host = $"127.{random.Next(1, 255)}.{random.Next(256)}.{random.Next(1, 255)}";
            using var listener = new TcpListener(IPAddress.Parse(host), 0);
            listener.Start();
            await using ProgramProcess node = ProgramProcess.StartNode(directory.Path, $"-connect={listener.LocalEndpoint}");
            string started = await node.Errors.WaitForAsync("Started on Regtest");
            PeersImage image = AddressBookFiles.ReadDatabase(directory.Path, P2PNetwork.Regtest, out int unreadable);
            Assert.That(unreadable, Is.Zero);
            Assert.That(started, Does.Contain($"with {image.Entries.Count} known addresses"));
            Assert.That(node.Errors.Text, Does.Not.Contain("dropped").And.Not.Contain("damaged").And.Not.Contain("fail"));
            HashSet<NetEndpoint> found = [.. image.Entries.Select(entry => entry.Endpoint)];
            Assert.That(expected.Except(found), Is.Empty, $"kill {kill}");
            if (kill == kills)
            {
                TestContext.Out.WriteLine(
                    $"{kills} kills, {told} addresses told, {found.Count} known in the end; at every restart all that were known "
                    + $"{MayBeLost.TotalSeconds} s before the kill ({provenInTheirLife} of them learnt in the life that it ended)");
                break;
            }

            TimeSpan life = ShortestLife + ((LongestLife - ShortestLife) * random.NextDouble());
            List<(TimeSpan At, NetEndpoint Endpoint)> learnt = await LiveAsync(listener, image, life, random);
            await node.KillAsync();
            told += learnt.Count;
            NetEndpoint[] settled = [.. learnt.Where(one => one.At <= life - MayBeLost).Select(one => one.Endpoint)];
            provenInTheirLife += settled.Length;
            expected = [.. found, .. settled];
        }

        Assert.That(told, Is.GreaterThan(kills * 50));
    }

    /// <summary>Tells a node addresses for some time.</summary>
    /// <returns>Those that it took, and when they were known for certain.</returns>
    private static async Task<List<(TimeSpan At, NetEndpoint Endpoint)>> LiveAsync(
        TcpListener listener, PeersImage image, TimeSpan life, Random random)
    {
        var twin = new AddressManager(new AddressManagerOptions
        {
            Key = image.Key,
            Random = random,
            Clock = TimeProvider.System,
            Grouping = EndpointGrouping.Instance,
            IsRoutable = _ => true,
        });
        twin.Restore(image.Entries);
        await using RawClient client = await RawClient.AcceptAsync(listener);
        await client.HandshakeAsync();
        await client.ReadUntilAsync("getaddr");
        await client.PingAsync();
        // The node has noted whom it is connected to.
        NetEndpoint self = NetEndpoint.From((IPEndPoint)listener.LocalEndpoint);
        Tell(twin, self, self.Address);
        twin.Good(self, DateTimeOffset.UtcNow.ToUnixTimeSeconds());

        var learnt = new List<(TimeSpan, NetEndpoint)>();
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < life)
        {
            var batch = new List<NetEndpoint>();
            for (int i = 0; i < BatchSize; i++)
            {
                string host = $"{random.Next(20, 100)}.{random.Next(256)}.{random.Next(256)}.{random.Next(256)}";
                int port = random.Next(1, 65536);
                await client.SendAsync("addrv2", RawBytes.List(RawBytes.AddrV2Entry(host, port)));
                var endpoint = new NetEndpoint(NetAddress.From(IPAddress.Parse(host)), (ushort)port);
                if (Tell(twin, endpoint, self.Address))
                    batch.Add(endpoint);
            }

            await client.PingAsync();
            TimeSpan known = Stopwatch.GetElapsedTime(start);
            learnt.AddRange(batch.Select(endpoint => (known, endpoint)));
            await Task.Delay(BetweenBatches);
        }

        return learnt;
    }

    private static bool Tell(AddressManager twin, NetEndpoint endpoint, NetAddress source) => twin.Add(
        [new TimedAddress(endpoint, Services.Logos, (uint)DateTimeOffset.UtcNow.ToUnixTimeSeconds())],
        source,
        TimeSpan.FromHours(2)) > 0;
}
