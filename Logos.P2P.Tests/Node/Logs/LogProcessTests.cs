using System.Text.Json.Nodes;
using NUnit.Framework;

namespace Logos.P2P.Tests.Node.Logs;

/// <summary>The log of <c>logosp2p run</c>, as a process.</summary>
internal sealed class LogProcessTests
{
    [Test]
    public async Task Addresses_of_peers_are_hidden_whatever_is_logged()
    {
        using var directory = new TemporaryDirectory();
        await using ProgramProcess peer = ProgramProcess.StartNode(directory.File("peer"), "-connect=0");
        int port = await peer.WaitForPortAsync();
        // One that answers, and one that does not.
        await using ProgramProcess node = ProgramProcess.Start(
            "run", "-regtest", "-nolisten", "-server=0", $"-datadir={directory.File("node")}", "-debug",
            $"-addnode=127.0.0.1:{port}", "-addnode=127.0.0.1:1");
        await node.Errors.WaitForAsync("is ready");
        await node.Errors.WaitForAsync("Could not connect");

        Assert.That(await node.StopAsync(), Is.Zero);

        Assert.That(node.Errors.Text, Does.Contain("(address hidden)").And.Not.Contain("127.0.0.1"));
    }

    [Test]
    public async Task The_log_goes_to_a_file_as_JSON_when_told_so_and_the_console_is_silent()
    {
        using var directory = new TemporaryDirectory();
        await using ProgramProcess node = ProgramProcess.StartNode(
            directory.Path, "-logjson", "-debuglogfile=debug.log", "-printtoconsole=0", "-server", "-rpcport=0");
        string file = directory.File("regtest", "debug.log");
        await Eventually.IsAsync(() => File.Exists(file) && File.ReadAllText(file).Contains("Started on", StringComparison.Ordinal));

        Assert.That(await node.StopAsync(), Is.Zero);

        Assert.That(node.Errors.Lines, Is.Empty);
        string[] lines = await File.ReadAllLinesAsync(file);
        Assert.That(lines.Select(line => JsonNode.Parse(line)!["event"]!.GetValue<string>()), Does.Contain("Started").And.Contain("Stopped"));
    }

    [Test]
    public async Task A_file_that_cannot_be_written_is_told_at_once()
    {
        using var directory = new TemporaryDirectory();
        await using ProgramProcess node = ProgramProcess.StartNode(directory.Path, "-debuglogfile=/proc/none/debug.log");

        Assert.That(await node.WaitForExitAsync(), Is.EqualTo(1));
        Assert.That(node.Errors.Text, Does.Contain("/proc/none"));
    }
}
