using Logos.P2P.Storage;
using NUnit.Framework;

namespace Logos.P2P.Tests.Node;

/// <summary><c>logosp2p demo</c>, as a process that starts processes.</summary>
internal sealed class DemoCommandTests
{
    [Test]
    public async Task With_nothing_to_send_the_five_nodes_speak_for_themselves()
    {
        await using ProgramProcess demo = ProgramProcess.Start("demo");
        demo.CloseInput();

        Assert.That(await demo.WaitForExitAsync(), Is.Zero, demo.Output.Text);
        for (int number = 1; number <= 5; number++)
        {
            string line = demo.Output.Lines.Single(
                text => text.StartsWith($"'hello from node {number}' from node {number}: ", StringComparison.Ordinal));
            IEnumerable<string> others = Enumerable.Range(1, 5).Where(other => other != number)
                .Select(other => $@"node {other} \+[0-9]+\.[0-9] ms");
            Assert.That(line, Does.Match($"^[^:]+: {string.Join(", ", others)}$"));
        }

        Assert.That(demo.Output.Text, Does.Contain("Every node knows all 4 others"));
        Assert.That(demo.Output.Lines[^1], Does.StartWith("Done: 5 nodes, 5 messages; "));
        Assert.That(demo.Errors.Lines, Is.Empty);
    }

    [Test]
    public async Task Lines_of_a_pipe_are_sent_instead_once_each()
    {
        await using ProgramProcess demo = ProgramProcess.Start("demo", "--nodes", "3");
        await demo.WriteLineAsync("first");
        await demo.WriteLineAsync("");
        await demo.WriteLineAsync("zweitens \u001b[31m");
        await demo.WriteLineAsync("first");
        demo.CloseInput();

        Assert.That(await demo.WaitForExitAsync(), Is.Zero, demo.Output.Text);
        Assert.That(demo.Output.Text, Does.Contain("'first' from node 1: node 2 +"));
        Assert.That(demo.Output.Text, Does.Contain("'zweitens \\u001b[31m' from node 2: node 1 +"));
        Assert.That(demo.Output.Text, Does.Contain("'first' was sent before"));
        Assert.That(demo.Output.Text, Does.Not.Contain("hello from node"));
        Assert.That(demo.Output.Lines[^1], Does.StartWith("Done: 3 nodes, 2 messages; "));
    }

    [Test]
    public async Task It_runs_as_dotnet_logosp2p_dll_too_and_keeps_what_it_was_asked_to_keep()
    {
        using var directory = new TemporaryDirectory();
        await using ProgramProcess demo = ProgramProcess.StartByDotNet(
            "demo", "--nodes=2", "--keep", directory.File("kept"));
        demo.CloseInput();

        Assert.That(await demo.WaitForExitAsync(), Is.Zero, demo.Output.Text);
        foreach (string node in new[] { "node1", "node2" })
        {
            Assert.That(directory.File("kept", node, "regtest", "data.mdb"), Does.Exist);
            string log = await File.ReadAllTextAsync(directory.File("kept", node, "log"));
            Assert.That(log, Does.Contain("Stopped"));
            // What a node is told on the command line it reaches as a manual peer: the first nobody, the other the first.
            Assert.That(log.Split("is ready (Manual").Length - 1, Is.EqualTo(node == "node1" ? 0 : 1));
        }
    }

    [Test]
    public async Task A_directory_that_cannot_be_made_is_an_error_and_no_stack_trace()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory.File("file"), "");

        await using ProgramProcess demo = ProgramProcess.Start("demo", "--keep", directory.File("file", "below"));

        Assert.That(await demo.WaitForExitAsync(), Is.EqualTo(1));
        Assert.That(demo.Output.Lines.Single(), Does.StartWith("FAILED: "));
        Assert.That(demo.Errors.Lines, Is.Empty);
    }

    [TestCase("INT")]
    [TestCase("TERM")]
    [TestCase("HUP")]
    public async Task Interrupted_it_takes_its_nodes_with_it(string signal)
    {
        using var directory = new TemporaryDirectory();
        await using ProgramProcess demo = ProgramProcess.Start("demo", "--nodes=2", "--keep", directory.Path);
        await demo.Output.WaitForAsync("Every node knows");

        await demo.SignalAsync(signal);

        Assert.That(await demo.WaitForExitAsync(), Is.EqualTo(1));
        Assert.That(demo.Output.Lines[^1], Is.EqualTo("Interrupted."));
        Assert.That(await AreGoneAsync(directory), Is.True);
    }

    [Test]
    public async Task Killed_it_takes_its_nodes_with_it_too()
    {
        using var directory = new TemporaryDirectory();
        await using ProgramProcess demo = ProgramProcess.Start("demo", "--nodes=2", "--keep", directory.Path);
        await demo.Output.WaitForAsync("Every node knows");

        await demo.SignalAsync("KILL");
        await demo.WaitForExitAsync();

        await Eventually.IsAsync(() => AreGoneAsync(directory).Result);
    }

    /// <summary>Whether the nodes have ended: one that lives holds the lock of its data directory.</summary>
    private static async Task<bool> AreGoneAsync(TemporaryDirectory directory)
    {
        for (int number = 1; number <= 2; number++)
        {
            var options = new P2POptions
            {
                Network = Logos.P2P.Wire.P2PNetwork.Regtest,
                DataDirectory = directory.File($"node{number}"),
                Listen = false,
                Connect = ["0"],
            };
            await using var node = new P2PNode(options, new RecordingHandler());
            try
            {
                await node.StartAsync();
            }
            catch (StoreException)
            {
                return false;
            }
        }

        return true;
    }
}
