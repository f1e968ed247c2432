using System.Globalization;
using System.Text.Json.Nodes;
using Logos.P2P.Node;
using NUnit.Framework;

namespace Logos.P2P.Tests.Node.Client;

/// <summary>The commands that ask a running node, as processes.</summary>
internal sealed class ClientProcessTests
{
    private readonly TemporaryDirectory _directory = new();
    private ProgramProcess _node = null!;
    private ProgramProcess _peer = null!;
    private int _port;
    private string _rpcPort = "";

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _node = ProgramProcess.StartNode(_directory.File("node"), "-server", "-rpcport=0", "-connect=0");
        _port = await _node.WaitForPortAsync();
        string line = await _node.Errors.WaitForAsync("Control interface at ");
        _rpcPort = new Uri(line[line.IndexOf("http", StringComparison.Ordinal)..]).Port.ToString(CultureInfo.InvariantCulture);
        _peer = ProgramProcess.StartNode(_directory.File("peer"), $"-connect=127.0.0.1:{_port}");
        await _node.Errors.WaitForAsync("is ready");
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _node.DisposeAsync();
        await _peer.DisposeAsync();
        _directory.Dispose();
    }

    [Test]
    public async Task Status_tells_what_a_node_is_and_does()
    {
        string[] lines = [.. (await RunAsync("status")).Select(line => line.TrimEnd())];

        Assert.That(lines, Does.Contain($"software     {P2PNode.UserAgent}").And.Contain("network      regtest").And.Contain("connections  1 in, 0 out"));
        JsonNode json = JsonNode.Parse(string.Join('\n', await RunAsync("status", "--json")))!;
        Assert.That(json["getnetworkinfo"]!["connections"]!.GetValue<int>(), Is.EqualTo(1));
    }

    [Test]
    public async Task No_proxy_gets_to_see_the_password()
    {
        await using ProgramProcess status = ProgramProcess.StartWith(
            ["http_proxy=http://127.0.0.1:1", "all_proxy=http://127.0.0.1:1"],
            "status", "-regtest", $"-datadir={_directory.File("node")}", $"-rpcport={_rpcPort}");

        Assert.That(await status.WaitForExitAsync(), Is.Zero, status.Errors.Text);
    }

    [Test]
    public async Task Peers_are_a_table_for_people_and_JSON_for_programs()
    {
        IReadOnlyList<string> table = await RunAsync("peers");
        JsonArray json = JsonNode.Parse(string.Join('\n', await RunAsync("peers", "--json")))!.AsArray();

        string address = json.Single()!["addr"]!.GetValue<string>();
        Assert.That(table.Single(line => line.Contains(address, StringComparison.Ordinal)), Does.Contain("inbound").And.Contain(P2PNode.UserAgent));
        Assert.That(table.Any(line => line.Contains("ping ms", StringComparison.Ordinal)));
    }

    [Test]
    public async Task A_message_is_sent_as_text_or_bytes_and_to_all_or_one()
    {
        string id = (await RunAsync("send", "by our own")).Single();
        await _peer.Output.WaitForAsync("by our own");
        Assert.That(id, Is.EqualTo(Logos.P2P.Wire.MessageId.Compute("by our own"u8).ToString()));
        await RunAsync("send", "--hex", Convert.ToHexString("in hex"u8));
        await _peer.Output.WaitForAsync("in hex");
        string peer = JsonNode.Parse(string.Join('\n', await RunAsync("peers", "--json")))!.AsArray().Single()!["id"]!.ToString();
        Assert.That(await RunAsync("send", "--to", peer, "to one"), Is.Empty);
        Assert.That((await FailAsync("send", "--to", "999", "to nobody")).Skip(1), Is.EqualTo(new[] { "error message:", "Node not found in connected nodes" }));
        Assert.That(await FailAsync("send", "--hex", "0"), Has.Some.Contains("even number of hex digits"));
    }

    [Test]
    public async Task Bans_are_those_of_the_running_node()
    {
        await RunAsync("bans", "add", "198.51.100.0/24", "--until", "4000000000");
        await RunAsync("ban", "add", "2001:db8::1", "--for", "1000");

        IReadOnlyList<string> bans = await RunAsync("bans");
        Assert.That(bans[^1], Is.EqualTo("198.51.100.0/24 2096-10-02T07:06:40Z"));
        Assert.That(bans[0], Does.StartWith("2001:db8::1/128 "));
        await RunAsync("bans", "remove", "2001:db8::1");
        await RunAsync("bans", "clear");
        Assert.That(await RunAsync("bans"), Is.Empty);
    }

    [Test]
    public async Task Peers_are_added_tried_removed_and_disconnected()
    {
        await RunAsync("peers", "add", "127.0.0.1:1");
        Assert.That((await FailAsync("peers", "add", "127.0.0.1:1"))[^1], Is.EqualTo("Error: Node already added"));
        await RunAsync("peers", "remove", "127.0.0.1:1");
        await RunAsync("peers", "try", "127.0.0.1:1");
        Assert.That((await FailAsync("peers", "disconnect", "127.0.0.1:1"))[^1], Is.EqualTo("Node not found in connected nodes"));
        Assert.That((await FailAsync("peers", "disconnect", "999"))[^1], Is.EqualTo("Node not found in connected nodes"));
    }

    [Test]
    public async Task Any_method_can_be_called_with_its_arguments_as_it_takes_them()
    {
        Assert.That(await RunAsync("call", "getconnectioncount"), Is.EqualTo(new[] { "1" }));
        Assert.That((await RunAsync("call", "help", "setban"))[0], Does.StartWith("setban \"subnet\""));
        Assert.That(string.Concat(await RunAsync("call", "logging", """["net"]""", "[]")), Does.Contain("\"net\": true"));
        Assert.That(await RunAsync("call", "getnodeaddresses", "0", "ipv6"), Is.EqualTo(new[] { "[]" }));
        Assert.That((await FailAsync("call", "nonsense"))[^1], Is.EqualTo("Method not found"));
        await using ProgramProcess wrong = Start("call", "getnodeaddresses", "many");
        Assert.That(await wrong.WaitForExitAsync(), Is.EqualTo(ExitCodes.BadUsage));
        Assert.That(wrong.Errors.Lines[0], Is.EqualTo("count: 'many' is not JSON."));
    }

    [Test]
    public async Task Where_no_node_answers_that_is_told()
    {
        await using ProgramProcess without = ProgramProcess.Start("status", $"-datadir={_directory.File("nothing")}");
        await using ProgramProcess elsewhere = ProgramProcess.Start(
            "status", "-regtest", $"-datadir={_directory.File("node")}", "-rpcport=1");
        await using ProgramProcess wrong = ProgramProcess.Start("status", "-regtest", $"-rpcport={_rpcPort}", "-rpcuser=a", "-rpcpassword=b");

        Assert.That(await without.WaitForExitAsync(), Is.EqualTo(ExitCodes.Failed));
        Assert.That(without.Errors.Lines.Single(), Does.StartWith("No node takes requests that keeps its data in "));
        Assert.That(await elsewhere.WaitForExitAsync(), Is.EqualTo(ExitCodes.Failed));
        Assert.That(elsewhere.Errors.Lines.Single(), Does.StartWith("No node answers at http://127.0.0.1:1/: "));
        Assert.That(await wrong.WaitForExitAsync(), Is.EqualTo(ExitCodes.Failed));
        Assert.That(wrong.Errors.Lines.Single(), Does.Contain("wants another cookie or password"));
    }

    [Test]
    public async Task Top_draws_the_node_and_its_peers_anew_takes_keys_and_leaves_the_terminal_as_it_was()
    {
        await using Terminal terminal = await Terminal.StartAsync(
            "/bin/sh", "-c", $"logosp2p top -regtest -datadir={_directory.File("node")} -rpcport={_rpcPort}; echo left with $?; sleep 60");

        string screen = await terminal.WaitForAsync("by traffic");
        Assert.That(screen, Does.Contain($"{P2PNode.UserAgent} on regtest").And.Contain("peers 1 in 0 out").And.Contain("inbound"));
        await terminal.TypeAsync("s");
        await terminal.WaitForAsync("by ping");
        await RunAsync("send", "seen by top");
        await terminal.TypeAsync("q");
        await terminal.WaitForAsync("left with 0");
    }

    [Test]
    public async Task Top_without_a_terminal_says_what_to_use_instead() =>
        Assert.That((await FailAsync("top")).Single(), Does.StartWith("top needs a terminal; 'logosp2p status'"));

    private ProgramProcess Start(params string[] arguments) => ProgramProcess.Start(
        [.. arguments, "-regtest", $"-datadir={_directory.File("node")}", $"-rpcport={_rpcPort}"]);

    private async Task<IReadOnlyList<string>> RunAsync(params string[] arguments)
    {
        await using ProgramProcess program = Start(arguments);
        Assert.That(await program.WaitForExitAsync(), Is.Zero, program.Errors.Text);
        return program.Output.Lines;
    }

    private async Task<IReadOnlyList<string>> FailAsync(params string[] arguments)
    {
        await using ProgramProcess program = Start(arguments);
        Assert.That(await program.WaitForExitAsync(), Is.EqualTo(ExitCodes.Failed));
        return program.Errors.Lines;
    }
}
