using Logos.P2P.Node;
using Logos.P2P.Node.Configuration;
using NUnit.Framework;

namespace Logos.P2P.Tests.Node.Configuration;

/// <summary>Options as the program takes them, as a process.</summary>
internal sealed class ConfiguredProcessTests
{
    [Test]
    public async Task A_node_runs_as_its_configuration_file_says()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(
            directory.File("logosp2p.conf"), "regtest=1\nport=1\n[regtest]\nport=0\nbind=127.0.0.1\nserver=0\nconnect=0\n");

        await using ProgramProcess node = ProgramProcess.Start("run", $"-datadir={directory.Path}");

        await node.Errors.WaitForAsync("Started on Regtest");
        Assert.That(node.Errors.Text, Does.Contain($"Options are read from '{directory.File("logosp2p.conf")}'"));
        Assert.That(node.Errors.Text, Does.Contain("logosp2p.conf:2: port is for the main network only; write it below [regtest]."));
        Assert.That(await node.WaitForPortAsync(), Is.Not.EqualTo(1));
        Assert.That(await node.StopAsync(), Is.Zero);
    }

    [Test]
    public async Task What_cannot_be_in_the_file_is_bad_usage()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory.File("logosp2p.conf"), "maxconnection=7\n");

        await using ProgramProcess node = ProgramProcess.Start("run", $"-datadir={directory.Path}");

        Assert.That(await node.WaitForExitAsync(), Is.EqualTo(ExitCodes.BadUsage));
        Assert.That(node.Errors.Lines[0], Does.EndWith("logosp2p.conf:1: there is no option 'maxconnection'. Did you mean maxconnections?"));
    }

    [TestCase("-help")]
    [TestCase("--help")]
    [TestCase("-?")]
    public async Task Help_lists_every_option_by_group_with_its_default(string asked)
    {
        await using ProgramProcess program = ProgramProcess.Start("run", asked);

        Assert.That(await program.WaitForExitAsync(), Is.Zero);
        Assert.That(
            program.Output.Lines.Where(line => line.EndsWith(':') && !line.StartsWith(' ')),
            Is.EqualTo(new[] { "General:", "Connections:", "Limits:", "Log:", "Control interface:", "Metrics and live view:" }));
        foreach (NodeOption option in OptionTable.ForNode)
            Assert.That(program.Output.Lines, Does.Contain($"  {option.Usage}"));
        Assert.That(program.Output.Text, Does.Contain("(default: 14495, testnet 14496, regtest 14497)"));
        Assert.That(program.Output.Lines.Max(line => line.Length), Is.LessThanOrEqualTo(100));
    }
}
