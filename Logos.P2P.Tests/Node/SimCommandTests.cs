using System.Text.Json;
using Logos.P2P.Node;
using Logos.P2P.Simulation.AddressBook;
using NUnit.Framework;

namespace Logos.P2P.Tests.Node;

/// <summary><c>logosp2p sim</c>.</summary>
internal sealed class SimCommandTests
{
    private static readonly (string Name, AttackParameters Parameters)[] Attacks =
    [
        ("short", new AttackParameters
        {
            Groups = 32, Peers = 8, HonestNodes = 100, WarmUp = TimeSpan.FromHours(1), Attack = TimeSpan.FromHours(1),
        }),
    ];

    [Test]
    public void The_table_has_a_line_for_each_attack()
    {
        string[] lines = Print(runs: 2, json: false);

        Assert.That(lines, Has.Length.EqualTo(3));
        Assert.That(lines.Select(line => line.Count(c => c == '|')), Is.All.EqualTo(9));
        Assert.That(lines[2], Does.Match(@"^\| short \| \d+ \| \d+\.\d% \| \d+\.\d% \| \d\.\d \| [\d.e-]+ \| \d\.\d{3} \| [\d.e-]+ \|$"));
    }

    [Test]
    public void Json_has_a_line_for_each_run_with_its_seed()
    {
        JsonElement[] runs = [.. Print(runs: 2, json: true).Select(line => JsonDocument.Parse(line).RootElement)];

        Assert.That(
            runs.Select(run => run.GetProperty("result").GetProperty("parameters").GetProperty("seed").GetUInt64()),
            Is.EqualTo(new[] { 5UL, 6UL }));
        Assert.That(runs[0].GetProperty("result").GetProperty("new").GetProperty("share").GetDouble(), Is.InRange(0.0, 1.0));
    }

    [TestCase("sim")]
    [TestCase("sim", "addressbook", "--seed", "x")]
    [TestCase("sim", "addressbook", "--runs", "0")]
    public async Task Bad_usage_is_said_so(params string[] args)
    {
        await using ProgramProcess program = ProgramProcess.Start(args);

        Assert.That(await program.WaitForExitAsync(), Is.EqualTo(ExitCodes.BadUsage));
        Assert.That(program.Errors.Text, Is.Not.Empty);
    }

    private static string[] Print(int runs, bool json)
    {
        using var output = new StringWriter();
        SimCommand.PrintAddressBook(Attacks, seed: 5, runs, json, output);
        return output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
