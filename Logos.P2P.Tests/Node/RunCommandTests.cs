using System.Net;
using System.Net.Sockets;
using Logos.P2P.AddrMan;
using Logos.P2P.Tests.AddrMan;
using Logos.P2P.Tests.Raw;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Node;

/// <summary><c>logosp2p run</c>, as a process.</summary>
internal sealed class RunCommandTests
{
    [Test]
    public async Task Two_nodes_chat_and_standard_output_has_nothing_but_what_was_said()
    {
        using var directory = new TemporaryDirectory();
        await using ProgramProcess a = ProgramProcess.StartNode(directory.File("a"));
        int port = await a.WaitForPortAsync();
        await using ProgramProcess b = ProgramProcess.StartNode(directory.File("b"), "-debug", $"-addnode=127.0.0.1:{port}");
        await a.Errors.WaitForAsync("is ready");
        await b.Errors.WaitForAsync("is ready");

        await b.WriteLineAsync("hello, a");
        await a.Output.WaitForAsync("hello, a");
        await a.WriteLineAsync("");
        await a.WriteLineAsync("grüße \ud83d\ude00 -regtest=1");
        await b.Output.WaitForAsync("grüße");
        await a.WriteLineAsync("  \u001b[2Jspaces stay\t");
        await b.Output.WaitForAsync("spaces stay");

        Assert.That(await a.StopAsync(), Is.Zero);
        Assert.That(await b.StopAsync(), Is.Zero);
        Assert.That(a.Output.Lines, Is.EqualTo(new[] { "hello, a" }));
        Assert.That(
            b.Output.Lines,
            Is.EqualTo(new[] { "grüße \ud83d\ude00 -regtest=1", "  \\u001b[2Jspaces stay\\u0009" }));
    }

    [TestCase("TERM")]
    [TestCase("INT")]
    [TestCase("HUP")]
    public async Task A_signal_stops_it_cleanly(string signal)
    {
        using var directory = new TemporaryDirectory();
        await using ProgramProcess node = ProgramProcess.StartNode(directory.Path);
        await node.WaitForPortAsync();
        await node.Errors.WaitForAsync("Started");

        await node.SignalAsync(signal);

        Assert.That(await node.WaitForExitAsync(), Is.Zero);
        Assert.That(node.Errors.Lines[^1], Does.EndWith("Stopped"));
        Assert.That(node.Output.Lines, Is.Empty);
    }

    [Test]
    public async Task A_second_signal_ends_it_even_when_nobody_reads_its_output()
    {
        using var directory = new TemporaryDirectory();
        await using ProgramProcess node = ProgramProcess.StartNode(directory.Path, "-connect=0");
        int port = await node.WaitForPortAsync();
        node.Output.Pause();
        await using RawClient client = await RawClient.ConnectReadyAsync(port);
        await client.SendAsync("logos", [.. "the last line that is read"u8]);
        await node.Output.WaitForAsync("the last line");
        // More than a pipe takes: the node waits in the middle of printing it.
        await client.SendAsync("logos", [.. Enumerable.Repeat((byte)'x', 1_000_000)]);
        await client.PingAsync();

        await node.SignalAsync("TERM");
        await client.ReadToEndAsync();
        await node.SignalAsync("TERM");

        Assert.That(async () => await node.WaitForEndAsync(), Throws.Nothing);
        node.Output.Resume();
    }

    [Test]
    public async Task The_end_of_its_input_is_not_the_end_of_the_node()
    {
        using var directory = new TemporaryDirectory();
        await using ProgramProcess a = ProgramProcess.StartNode(directory.File("a"));
        a.CloseInput();
        int port = await a.WaitForPortAsync();
        await using ProgramProcess b = ProgramProcess.StartNode(directory.File("b"), $"-addnode=127.0.0.1:{port}");
        await b.Errors.WaitForAsync("is ready");

        await b.WriteLineAsync("still there?");

        await a.Output.WaitForAsync("still there?");
        Assert.That(await a.StopAsync(), Is.Zero);
    }

    [Test]
    public async Task Without_a_peer_it_says_that_nothing_was_sent()
    {
        using var directory = new TemporaryDirectory();
        await using ProgramProcess node = ProgramProcess.StartNode(directory.Path, "-connect=0");
        await node.WaitForPortAsync();

        await node.WriteLineAsync("anybody?");

        await node.Errors.WaitForAsync("no peer is connected yet");
        Assert.That(node.Output.Lines, Is.Empty);
    }

    [Test]
    public async Task Killed_and_started_again_without_being_told_of_anyone_it_comes_back_to_its_peers()
    {
        using var directory = new TemporaryDirectory();
        await using ProgramProcess a = ProgramProcess.StartNode(directory.File("a"), "-connect=0");
        int port = await a.WaitForPortAsync();
        await using (ProgramProcess before = ProgramProcess.StartNode(directory.File("b"), $"-addnode=127.0.0.1:{port}"))
        {
            await before.Errors.WaitForAsync("is ready");
            await WaitForStoredAddressAsync(directory.File("b"), port);
            await before.KillAsync();
        }

        await using ProgramProcess after = ProgramProcess.StartNode(directory.File("b"));
        await after.Errors.WaitForAsync("is ready (Outbound");
        await after.WriteLineAsync("I am back");

        await a.Output.WaitForAsync("I am back");
        await after.Errors.WaitForAsync("with 1 known addresses");
    }

    [Test]
    public async Task A_port_that_is_taken_is_an_error_that_says_what_to_do()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var directory = new TemporaryDirectory();

        await using ProgramProcess node = ProgramProcess.Start(
            "run", "-regtest", $"-bind={listener.LocalEndpoint}", $"-datadir={directory.Path}");

        Assert.That(await node.WaitForExitAsync(), Is.EqualTo(1));
        string message = node.Errors.Lines.Single(line => line.StartsWith("Cannot", StringComparison.Ordinal));
        Assert.That(message, Does.StartWith($"Cannot listen on {listener.LocalEndpoint}: "));
        Assert.That(message, Does.EndWith(". Choose another -port or -bind, or -listen=0."));
        Assert.That(node.Output.Lines, Is.Empty);
    }

    [Test]
    public async Task A_data_directory_that_is_in_use_is_an_error_and_the_first_node_goes_on()
    {
        using var directory = new TemporaryDirectory();
        await using ProgramProcess first = ProgramProcess.StartNode(directory.Path);
        await first.WaitForPortAsync();

        await using ProgramProcess second = ProgramProcess.StartNode(directory.Path);

        Assert.That(await second.WaitForExitAsync(), Is.EqualTo(1));
        Assert.That(second.Errors.Lines, Has.Count.EqualTo(1));
        Assert.That(second.Errors.Text, Does.Contain(directory.File("regtest")).And.Contain("in use by another node"));
        Assert.That(second.Errors.Text, Does.Contain("-datadir"));
        Assert.That(await first.StopAsync(), Is.Zero);
    }

    [TestCase("-healthbind=192.0.2.1:8080", "192.0.2.1:8080")]
    [TestCase("-metricsbind=192.0.2.1:8080", "192.0.2.1:8080")]
    public async Task An_address_that_is_not_this_machines_is_an_error_that_names_it(string option, string named)
    {
        using var directory = new TemporaryDirectory();
        await using ProgramProcess node = ProgramProcess.StartNode(directory.Path, "-connect=0", option);

        Assert.That(await node.WaitForExitAsync(), Is.EqualTo(1));
        Assert.That(node.Errors.Lines, Has.Some.StartsWith($"Cannot listen on {named}: ").And.Some.Contains("Choose another"));
        Assert.That(node.Errors.Lines, Has.None.StartsWith("   at "), "No stack.");
    }

    [TestCase("this is no database", "data.mdb", "is damaged")]
    [TestCase(null, "regtest", "cannot be used")]
    public async Task A_data_directory_that_cannot_be_used_is_an_error_that_names_it(string? data, string named, string why)
    {
        using var directory = new TemporaryDirectory();
        if (data is null)
        {
            // A file where the directory should be.
            await File.WriteAllTextAsync(directory.File("regtest"), "");
        }
        else
        {
            Directory.CreateDirectory(directory.File("regtest"));
            await File.WriteAllTextAsync(directory.File("regtest", "data.mdb"), data);
        }

        await using ProgramProcess node = ProgramProcess.StartNode(directory.Path);

        Assert.That(await node.WaitForExitAsync(), Is.EqualTo(1));
        Assert.That(node.Errors.Lines, Has.Count.EqualTo(1), "One message and no stack trace.");
        Assert.That(node.Errors.Text, Does.Contain(directory.Path).And.Contain(named).And.Contain(why));
        Assert.That(node.Output.Lines, Is.Empty);
    }

    [Test]
    public async Task A_data_file_that_was_cut_short_is_an_error_that_names_it()
    {
        using var directory = new TemporaryDirectory();
        await using (ProgramProcess node = ProgramProcess.StartNode(directory.Path))
        {
            await node.WaitForPortAsync();
            Assert.That(await node.StopAsync(), Is.Zero);
        }

        string file = directory.File("regtest", "data.mdb");
        await using (FileStream data = File.OpenWrite(file))
            data.SetLength(data.Length / 2);

        await using ProgramProcess again = ProgramProcess.StartNode(directory.Path);

        Assert.That(await again.WaitForExitAsync(), Is.EqualTo(1));
        Assert.That(again.Errors.Text, Does.Contain(file).And.Contain("move it away"));
    }

    private static IEnumerable<TestCaseData> BadUsages()
    {
        yield return BadUsage("Did you mean -addnode?", "run", "-adnode=127.0.0.1:14497");
        yield return BadUsage("Did you mean --maxconnections?", "run", "--maxconections", "10");
        yield return BadUsage("Did you mean -regtest?", "run", "-regtst");
        yield return BadUsage("Did you mean -datadir?", "run", "-datdir=/some/where/far");
        yield return BadUsage("Did you mean run?", "rn");
        yield return BadUsage("Did you mean demo?", "deno");
        yield return BadUsage("Did you mean --nodes?", "demo", "--node", "3");
        yield return BadUsage("-zzzzzzzzzzzz", "run", "-zzzzzzzzzzzz");
        yield return BadUsage("command", []);
        yield return BadUsage("'word'", "run", "word");
        yield return BadUsage("'@/dev/null'", "run", "@/dev/null");
        yield return BadUsage("-port: '65536' is not a number from 0 to 65535", "run", "-port=65536");
        yield return BadUsage("-port: '-1' is not a number", "run", "-port=-1");
        yield return BadUsage("-timeout: '0' is not a number from 1", "run", "-timeout", "0");
        yield return BadUsage("-maxconnections: '1e3' is not a number", "run", "-maxconnections=1e3");
        yield return BadUsage("-datadir", "run", "-datadir=");
        yield return BadUsage("Required argument missing for option: '-asmap'", "run", "-asmap");
        yield return BadUsage("Required argument missing for option: '-asmap'", "run", "-asmap=");
        yield return BadUsage("'maybe'", "run", "-listen=maybe");
        yield return BadUsage("-testnet and -regtest exclude each other", "run", "-testnet", "-regtest");
        yield return BadUsage("-bind: 'localhost' is not an address", "run", "-bind=localhost");
        yield return BadUsage("-bind: '[::1' is not an address", "run", "-bind=[::1");
        yield return BadUsage(
            "is no address of a machine", "run", "-bind=ukeu3k5oycgaauneqgtnvselmt4yemvoilkln7jpvamvfx7dnkdq.b32.i2p");
        yield return BadUsage("-externalip: 'me' is not an address", "run", "-externalip=me");
        yield return BadUsage("-addnode: 'host:0' is not a peer", "run", "-addnode=host:0");
        yield return BadUsage("-connect: ':1' is not a peer", "run", "-connect=:1");
        yield return BadUsage("-connect: 0 (connect to nobody)", "run", "-connect=0", "-connect=127.0.0.1");
        yield return BadUsage("-addnode: can be given 8 times", ["run", .. Enumerable.Repeat("-addnode=127.0.0.1", 9)]);
        yield return BadUsage("--nodes: 2 to 50", "demo", "--nodes=1");
        yield return BadUsage("-rpcbind: only 127.0.0.1 and [::1] are closed", "run", "-rpcbind=0.0.0.0");
        yield return BadUsage("-rpcbind: only 127.0.0.1 and [::1] are closed", "run", "-rpcbind=[::]:1", "-rpcallowip=::/0");
        yield return BadUsage(
            "-rpcbind: only 127.0.0.1 and [::1] are closed", "run", "-rpcbind=192.0.2.1", "-rpcuser=a", "-rpcpassword=b");
        yield return BadUsage("-rpcbind: 'localhost' is no address", "run", "-rpcbind=localhost");
        yield return BadUsage("-rpcuser and -rpcpassword go together", "run", "-rpcpassword=b");
        yield return BadUsage("-rpcuser: a name has no colon", "run", "-rpcpassword=b", "-rpcuser=a:b");
        yield return BadUsage("-rpcallowip: 'all' is not an address or subnet", "run", "-rpcallowip=all");
        yield return BadUsage("-rpcport: '70000' is not a number from 0", "run", "-rpcport=70000");
        yield return BadUsage("-healthbind: a port is needed", "run", "-healthbind=0.0.0.0");
    }

    [TestCase(null)]
    [TestCase("")]
    public async Task A_map_of_autonomous_systems_that_cannot_be_used_is_an_error_that_names_it(string? content)
    {
        using var directory = new TemporaryDirectory();
        string map = directory.File("map");
        if (content is not null)
            await File.WriteAllTextAsync(map, content);
        await using ProgramProcess program = ProgramProcess.StartNode(directory.Path, $"-asmap={map}");

        Assert.That(await program.WaitForExitAsync(), Is.EqualTo(1));
        Assert.That(program.Errors.Text, Does.Contain(map).And.Not.Contain("   at "));
    }

    [TestCase(true, TestName = "A_map_is_found_by_its_full_path_and_its_version_is_told")]
    [TestCase(false, TestName = "A_map_is_found_from_the_current_directory_and_its_version_is_told")]
    public async Task Map(bool isFullPath)
    {
        using var directory = new TemporaryDirectory();
        string map = directory.File("map");
        await File.WriteAllBytesAsync(map, AsmapVectors.Small);
        string path = isFullPath ? map : Path.GetRelativePath(Environment.CurrentDirectory, map);
        await using ProgramProcess program = ProgramProcess.StartNode(directory.Path, $"-asmap={path}");

        await program.Errors.WaitForAsync(new Asmap(AsmapVectors.Small).Version);
        Assert.That(await program.StopAsync(), Is.Zero);
    }

    [TestCaseSource(nameof(BadUsages))]
    public async Task Bad_usage_is_exit_code_2_and_a_message_that_helps(string[] arguments, string message)
    {
        await using ProgramProcess program = ProgramProcess.Start(arguments);

        Assert.That(await program.WaitForExitAsync(), Is.EqualTo(2));
        Assert.That(program.Errors.Text, Does.Contain(message));
        Assert.That(program.Errors.Text, Does.Not.Contain("   at "), "A stack trace helps nobody.");
        Assert.That(program.Output.Lines, Is.Empty);
    }

    [TestCase("--help")]
    [TestCase("-h")]
    [TestCase("run", "--help")]
    [TestCase("demo", "-h")]
    [TestCase("--version")]
    public async Task What_was_asked_for_goes_to_standard_output(params string[] arguments)
    {
        await using ProgramProcess program = ProgramProcess.Start(arguments);

        Assert.That(await program.WaitForExitAsync(), Is.Zero);
        Assert.That(program.Output.Lines, Is.Not.Empty);
        Assert.That(program.Errors.Lines, Is.Empty);
    }

    [TestCase("-nolisten")]
    [TestCase("-listen=0")]
    [TestCase("--listen", "0")]
    public async Task A_node_that_was_told_not_to_listen_does_not(params string[] arguments)
    {
        using var directory = new TemporaryDirectory();
        await using ProgramProcess node = ProgramProcess.StartNode(directory.Path, arguments);
        await node.Errors.WaitForAsync("Started on Regtest");

        Assert.That(await node.StopAsync(), Is.Zero);
        Assert.That(node.Errors.Text, Does.Not.Contain("Listening"));
    }

    private static async Task WaitForStoredAddressAsync(string dataDirectory, int port)
    {
        // Another process's database tells nobody when it changes.
        using var patience = new CancellationTokenSource(TestNode.Patience);
        while (P2PNode.ReadStoredAddresses(dataDirectory, P2PNetwork.Regtest)
            .All(address => address.Endpoint.Port != port))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), patience.Token);
        }
    }

    private static TestCaseData BadUsage(string message, params string[] arguments) =>
        new TestCaseData(arguments, message).SetArgDisplayNames(string.Join(' ', ["logosp2p", .. arguments.Take(3)]));
}
