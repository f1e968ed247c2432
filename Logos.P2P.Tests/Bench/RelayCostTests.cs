using Logos.P2P.Bench.Hop;
using NUnit.Framework;

namespace Logos.P2P.Tests.Bench;

/// <summary>
/// What must not get worse unnoticed: a node that relays, a process of its own, next to a forwarder that does the least there can be.
/// Bytes allocated and hashes made are counted by <see cref="RelayAllocationTests"/>.
/// </summary>
/// <remarks>
/// Other tests may have the machine meanwhile. So each ratio is measured several times and the best one counts, and the bounds are
/// far from what docs/performance.md reports: they catch a sleep, a lock, a copy to another thread, not a few per cent.
/// </remarks>
[NonParallelizable]
internal sealed class RelayCostTests
{
    private const int Size = 256;

    /// <summary>From the source to the sink; an undisturbed machine shows some 1.3.</summary>
    private const double MaxDelay = 3;

    /// <summary>Messages a second at full speed; an undisturbed machine shows 0.5 and more.</summary>
    private const double MinThroughput = 0.2;

    private const int Sinks = 4;
    private const int Traced = 200;
    private const int TracedRate = 200;

    /// <summary>Calls beside those of messages: a heartbeat every 100 ms and what the runtime does; per message here.</summary>
    private const double OtherCalls = 0.25;

    private static readonly string Program = typeof(HopBench).Assembly.Location;

    private static readonly string[] Sends = ["sendto", "sendmsg", "sendmmsg", "write", "writev"];

    [Test]
    public void A_node_is_not_much_slower_than_a_forwarder_that_checks_the_hash()
    {
        var load = new HopLoad { Rate = 500, Messages = 100, FlatBytes = 3_000_000, Rounds = 6, WarmUp = 2000 };

        IReadOnlyList<HopResult> results = new HopBench(load, TestContext.Out.WriteLine).Run(
            Size, [new LinePlan(RelayKind.CheckingForwarder, Program), new LinePlan(RelayKind.Node, Program)]);

        TestContext.Out.WriteLine(HopTables.Of(results).ToText());
        (HopRound Forwarder, HopRound Node)[] rounds = [.. results[0].Rounds.Zip(results[1].Rounds)];
        Assert.Multiple(() =>
        {
            Assert.That(results.Sum(result => result.Lost), Is.Zero, "Messages lost.");
            Assert.That(rounds.Min(round => round.Node.Median / round.Forwarder.Median), Is.LessThan(MaxDelay), "Delay.");
            Assert.That(
                rounds.Max(round => round.Node.MessagesPerSecond / round.Forwarder.MessagesPerSecond),
                Is.GreaterThan(MinThroughput), "Throughput.");
        });
    }

    [Test]
    public async Task A_message_wakes_an_idle_node_once_and_is_sent_once_to_each_peer()
    {
        if (!Strace.CanTrace)
            Assert.Ignore("Needs strace (eng/prepare --dev) and root.");
        using var directory = new TemporaryDirectory();
        using var line = new Line(new LinePlan(RelayKind.Node, Program) { Sinks = Sinks });
        line.RunPaced(Traced, Size, TracedRate);

        Strace strace = await Strace.AttachAsync(line.Relay.Id, Path.Combine(directory.Path, "calls"));
        (long Sent, long[] Arrived)[] messages = line.RunPaced(Traced, Size, TracedRate);
        IReadOnlyDictionary<string, int> calls = await strace.StopAsync();

        foreach ((string name, int count) in calls.OrderByDescending(call => call.Value))
            TestContext.Out.WriteLine($"{name}: {count}");
        Assert.Multiple(() =>
        {
            Assert.That(HopBench.Sum(messages).Lost, Is.Zero);
            // Two messages may come with one wake-up, and leave with one send, when the machine was away.
            Assert.That(PerMessage(Sends), Is.InRange(0.5 * Sinks, Sinks + OtherCalls), "Sends.");
            Assert.That(PerMessage("epoll_wait", "epoll_pwait", "epoll_pwait2"), Is.InRange(0.5, 1 + OtherCalls), "Wake-ups.");
        });

        double PerMessage(params string[] names) => (double)names.Sum(name => calls.GetValueOrDefault(name)) / Traced;
    }
}
