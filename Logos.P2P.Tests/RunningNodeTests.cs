using System.Net;
using System.Net.Sockets;
using Logos.P2P.AddrMan;
using Logos.P2P.Storage;
using Logos.P2P.Tests.AddrMan;
using Logos.P2P.Tests.Conformance;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests;

internal sealed class RunningNodeTests
{
    [Test]
    public async Task Every_address_that_was_named_is_needed_and_none_stays_taken_when_one_fails()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        int taken = ((IPEndPoint)other.LocalEndpoint).Port;
        int free = FreePort();
        var options = new P2POptions
        {
            Network = P2PNetwork.Regtest,
            Bind = [$"127.0.0.1:{free}", $"127.0.0.1:{taken}"],
            Connect = ["0"],
        };
        await using var node = new P2PNode(options, new RecordingHandler());

        Assert.That(async () => await node.StartAsync(), Throws.InstanceOf<IOException>().With.Message.Contains("-bind"));

        using var again = new TcpListener(IPAddress.Loopback, free);
        Assert.That(again.Start, Throws.Nothing, "What worked must have been given back.");
    }

    [Test]
    public async Task Peers_dat_of_one_node_seeds_another_that_knows_nobody()
    {
        using var directory = new TemporaryDirectory();
        string first = directory.File("first"), second = directory.File("second");
        await using (TestNode a = await TestNode.StartAsync(new P2POptions { Connect = ["0"] }))
        await using (TestNode b = await TestNode.StartAsync(new P2POptions { DataDirectory = first, Connect = [a.Address] }))
            await b.WaitForPeersAsync(1);
        Directory.CreateDirectory(Path.Combine(second, "regtest"));
        File.Copy(Path.Combine(first, "regtest", "peers.dat"), Path.Combine(second, "regtest", "peers.dat"));

        await using (TestNode c = await TestNode.StartAsync(new P2POptions { DataDirectory = second, Connect = ["0"] }))
            Assert.That(c.Node.AddressCount, Is.EqualTo(1));

        Assert.That(
            P2PNode.ReadStoredAddresses(second, P2PNetwork.Regtest), Has.Count.EqualTo(1), "It is in the database now.");
    }

    [TestCase("", true)]
    [TestCase("127.0.0.1:1", false)]
    [TestCase("0", false)]
    public async Task A_node_that_has_no_way_to_find_anybody_says_so(string connect, bool says)
    {
        var log = new LogRecorder();
        var options = new P2POptions { Network = P2PNetwork.Regtest, Bind = ["127.0.0.1"], Port = 0 };
        await using var node = new P2PNode(
            connect.Length > 0 ? options with { Connect = [connect] } : options, new RecordingHandler(), log.Factory);
        await node.StartAsync();

        Assert.That(log.Lines.Count(line => line.Contains("-seednode", StringComparison.Ordinal)), Is.EqualTo(says ? 1 : 0));
    }

    [Test]
    [Conformance("M3")]
    public async Task Quiet_peers_are_anchors_saved_on_exit_and_returned_to_after_the_restart()
    {
        using var directory = new TemporaryDirectory();
        string store = directory.File("regtest");
        await using TestNode anchor = await TestNode.StartAsync(new P2POptions { Connect = ["0"] });
        using (var before = LmdbStore.Open(store, P2PNetwork.Regtest, () => new byte[AddrManParameters.KeySize]))
            before.SaveAnchors([new Anchor(anchor.Endpoint, Services.Logos)]);

        await using (TestNode node = await TestNode.StartAsync(new P2POptions { DataDirectory = directory.File() }))
        {
            await node.WaitForPeersAsync(1);
            Assert.That(node.Node.GetPeers().Single().Kind, Is.EqualTo(ConnectionKind.Quiet), "Nobody else is known.");
        }

        using var after = LmdbStore.Open(store, P2PNetwork.Regtest, () => new byte[AddrManParameters.KeySize]);
        Assert.That(after.TakeAnchors(out _), Is.EqualTo(new[] { new Anchor(anchor.Endpoint, Services.Logos) }));
    }

    [Test]
    [Conformance("M3")]
    public async Task Anchors_are_used_once_so_that_one_on_which_a_node_dies_is_not_met_again()
    {
        using var directory = new TemporaryDirectory();
        string store = directory.File("regtest");
        using (var before = LmdbStore.Open(store, P2PNetwork.Regtest, () => new byte[AddrManParameters.KeySize]))
            before.SaveAnchors([new Anchor(Book.Endpoint("127.0.0.1", (ushort)FreePort()), Services.Logos)]);

        var log = new LogRecorder();
        var options = new P2POptions { Network = P2PNetwork.Regtest, Listen = false, DataDirectory = directory.Path };
        await using (var node = new P2PNode(options, new RecordingHandler(), log.Factory))
        {
            await node.StartAsync();
            await Eventually.IsAsync(() => log.Lines.Any(line => line.Contains("Could not connect to", StringComparison.Ordinal)));
        }

        using var after = LmdbStore.Open(store, P2PNetwork.Regtest, () => new byte[AddrManParameters.KeySize]);
        Assert.That(after.TakeAnchors(out _), Is.Empty);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_run_that_has_no_occasion_to_return_to_anchors_leaves_them_to_the_next(bool isActive)
    {
        using var directory = new TemporaryDirectory();
        string store = directory.File("regtest");
        Anchor[] anchors = [new Anchor(Book.Endpoint("127.0.0.1:1"), Services.Logos)];
        using (var before = LmdbStore.Open(store, P2PNetwork.Regtest, () => new byte[AddrManParameters.KeySize]))
            before.SaveAnchors(anchors);
        var options = new P2POptions { DataDirectory = directory.Path, NetworkActive = isActive };

        await using (TestNode node = await TestNode.StartAsync(isActive ? options with { Connect = ["0"] } : options))
            Assert.That(node.Node.GetPeers(), Is.Empty);

        using var after = LmdbStore.Open(store, P2PNetwork.Regtest, () => new byte[AddrManParameters.KeySize]);
        Assert.That(after.TakeAnchors(out _), Is.EqualTo(anchors));
    }

    [Test]
    [Conformance("M2")]
    public async Task A_peers_dat_that_is_damaged_is_a_start_up_error_that_names_it()
    {
        using var directory = new TemporaryDirectory();
        string file = directory.File("regtest", "peers.dat");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllBytesAsync(file, new byte[100]);
        var options = new P2POptions
        {
            Network = P2PNetwork.Regtest,
            Listen = false,
            DataDirectory = directory.Path,
            Connect = ["0"],
        };
        await using var node = new P2PNode(options, new RecordingHandler());

        Assert.That(
            async () => await node.StartAsync(),
            Throws.InstanceOf<StoreException>().With.Message.Contains(file).And.Message.Contains("Move it away"));
        Assert.That(await File.ReadAllBytesAsync(file), Has.Length.EqualTo(100), "It is left for whoever wants to mend it.");
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("this is no map")]
    [Conformance("M4")]
    public async Task A_map_of_autonomous_systems_that_cannot_be_used_is_a_start_up_error_that_names_it(string? content)
    {
        using var directory = new TemporaryDirectory();
        string file = directory.File("map");
        if (content is not null)
            await File.WriteAllTextAsync(file, content);
        var options = new P2POptions { Network = P2PNetwork.Regtest, Listen = false, AsmapFile = file };
        await using var node = new P2PNode(options, new RecordingHandler());

        Assert.That(async () => await node.StartAsync(), Throws.InstanceOf<IOException>().With.Message.Contains(file));
    }

    /// <summary>overlay.md M4: what is new and what is tried comes back to where the map puts it.</summary>
    [Test]
    [Conformance("M4")]
    public async Task On_a_map_of_autonomous_systems_all_addresses_survive_a_restart_and_its_health_is_told()
    {
        using var directory = new TemporaryDirectory();
        string map = directory.File("map");
        await File.WriteAllBytesAsync(map, AsmapVectors.Small);
        var book = new Book();
        for (int i = 1; i <= 8; i++)
            book.Add($"101.{i}.1.1", $"250.{i}.1.1");
        book.Add("8.8.8.8");
        book.Manager.Good(Book.Endpoint("101.3.1.1"), book.Now);
        string snapshot = directory.File("main", "peers.dat");
        Directory.CreateDirectory(directory.File("main"));
        var image = new PeersImage { Key = book.Options.Key, Grouping = "prefix", Entries = book.Manager.Snapshot() };
        PeersFileStore.Save(snapshot, image, P2PNetwork.Main);
        var options = new P2POptions
        {
            Listen = false,
            Connect = ["0"],
            DataDirectory = directory.Path,
            AsmapFile = map,
        };

        IReadOnlyList<AddressEntry>[] afterEach = [await LiveAsync(), await LiveAsync()];

        Assert.That(afterEach[0], Has.Count.EqualTo(9));
        Assert.That(afterEach[0].Count(entry => entry.InTried), Is.EqualTo(1));
        Assert.That(afterEach[1], Is.EquivalentTo(afterEach[0]), "Buckets included.");

        async Task<IReadOnlyList<AddressEntry>> LiveAsync()
        {
            var log = new LogRecorder();
            await using (var node = new P2PNode(options, new RecordingHandler(), log.Factory))
            {
                await node.StartAsync();
                await Eventually.IsAsync(() => log.Lines.Contains(
                    "Of 9 known IPv4 and IPv6 addresses 8 belong to 8 autonomous systems and 1 to none on the map"));
            }

            Assert.That(log.Lines, Has.Some.EndsWith(new Asmap(AsmapVectors.Small).Version));
            return [.. PeersFileStore.Load(snapshot, P2PNetwork.Main, out _)!.Entries];
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
