using System.Diagnostics;
using System.Text.Json;
using Logos.P2P.Bench.Hop;
using NUnit.Framework;

namespace Logos.P2P.Tests.Bench.Hop;

/// <summary>Lines of real processes, as short as they can be.</summary>
internal sealed class HopTests
{
    private const int Messages = 20;

    private static readonly string Program = typeof(HopBench).Assembly.Location;

    private static readonly HopLoad Tiny = new() { Rate = 500, Messages = Messages, FlatBytes = 100_000, Rounds = 2, WarmUp = 50 };

    /// <summary>The whole command, with two relays one behind the other and another build, which is the same here.</summary>
    [Test]
    public async Task Hop_prints_JSON_in_which_nothing_is_lost()
    {
        string[] arguments =
        [
            Program, "hop", "--sizes", "256", "--kinds", "Direct", "CheckingForwarder", "Node", "--relays", "2", "--rounds", "2",
            "--messages", $"{Messages}", "--rate", "500", "--flat-bytes", "100000", "--compare", Program, "--json",
        ];
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;

        string output = await process.StandardOutput.ReadToEndAsync();

        await process.WaitForExitAsync();
        Assert.That(process.ExitCode, Is.Zero);
        using var json = JsonDocument.Parse(output);
        JsonElement[] lines = [.. json.RootElement.EnumerateArray()];
        Assert.That(
            lines.Select(line => line.GetProperty("name").GetString()),
            Is.EqualTo((string[])["Direct", "CheckingForwarder", "Node", HopParameters.OtherNode]));
        foreach (JsonElement line in lines)
        {
            string name = line.GetProperty("name").GetString()!;
            Assert.That(line.GetProperty("lost").GetInt64(), Is.Zero, name);
            Assert.That(line.GetProperty("rounds").GetArrayLength(), Is.EqualTo(2), name);
            double min = line.GetProperty("min").GetDouble(), median = line.GetProperty("median").GetDouble();
            Assert.That(min, Is.GreaterThan(0), name);
            Assert.That(median, Is.InRange(min, line.GetProperty("max").GetDouble()), name);
            Assert.That(line.GetProperty("messagesPerSecond").GetDouble(), Is.GreaterThan(0), name);
            Assert.That(line.GetProperty("relays").GetInt32(), Is.EqualTo(name == "Direct" ? 0 : 2), name);
            Assert.That(line.GetProperty("perHop").ValueKind, Is.EqualTo(name == "Direct" ? JsonValueKind.Null : JsonValueKind.Number), name);
        }
    }

    [Test]
    public void Each_of_several_sinks_gets_each_message_and_who_is_idle_does_not_matter()
    {
        LinePlan node = new(RelayKind.Node, Program) { Sinks = 3, Idle = 2, IsObserved = true };
        LinePlan forwarder = new(RelayKind.Forwarder, Program) { Sinks = 3 };

        IReadOnlyList<HopResult> results = new HopBench(Tiny, TestContext.Out.WriteLine).Run(4096, [node, forwarder]);

        foreach (HopResult result in results)
        {
            Assert.That(result.Lost, Is.Zero, result.Name);
            Assert.That(result.FirstMedian, Is.InRange(1, result.MiddleMedian), result.Name);
            Assert.That(result.MiddleMedian, Is.LessThanOrEqualTo(result.Median), result.Name);
        }
    }

    [Test]
    public void A_process_that_dies_is_an_error_and_not_a_message_that_was_lost()
    {
        using var role = new RoleProcess(Program, "propagate");
        Assert.That(role.Read(), Is.EqualTo("ready"));
        using var process = Process.GetProcessById(role.Id);

        process.Kill();

        Assert.That(role.Read, Throws.InstanceOf<IOException>());
    }
}
