using System.Text.Json;
using Logos.P2P.Simulation;
using Logos.P2P.Testnet.Measuring;
using NUnit.Framework;

namespace Logos.P2P.Tests.Testnet;

/// <summary>What is made of the nodes' answers about a message.</summary>
internal sealed class DeliveryTests
{
    private static readonly SentMessage Message = new(new string('a', 64), Node: 0, Bytes: 256, TimeMicros: 1_000_000);

    [Test]
    public void Delays_are_since_it_was_sent_and_hops_follow_from_who_gave_it_to_whom()
    {
        var delivery = Delivery.Of(Message, [Got(1, 20, from: 0), Got(2, 41.5, from: 1), Got(3, 40, from: 1), Got(4, 60, from: 3)]);

        Assert.That(delivery.DelaysMs, Is.EqualTo(new[] { 20, 40, 41.5, 60 }));
        Assert.That(delivery.Hops, Is.EqualTo(new[] { 1, 2, 2, 3 }));
        Assert.That(delivery.Missing, Is.Empty);
    }

    [Test]
    public void Who_has_it_not_is_named_and_counts_for_no_delay()
    {
        var delivery = Delivery.Of(Message, [Got(1, 20, from: 0), new Receipt(7, null, null), new Receipt(3, null, null)]);

        Assert.That(delivery.DelaysMs, Is.EqualTo(new[] { 20 }));
        Assert.That(delivery.Missing, Is.EqualTo(new[] { 3, 7 }));
    }

    [Test]
    public void Hops_are_not_told_when_the_way_is_not_known()
    {
        var delivery = Delivery.Of(
            Message, [Got(1, 20, from: 9), Got(2, 40, from: 1), Got(3, 40, from: null), Got(4, 20, from: 0), Got(5, 1, from: 6), Got(6, 1, from: 5)]);

        Assert.That(delivery.Hops, Is.EqualTo(new[] { 1 }));
        Assert.That(delivery.DelaysMs, Has.Count.EqualTo(6));
    }

    [TestCase(50, 5)]
    [TestCase(90, 9)]
    [TestCase(91, 10)]
    [TestCase(99, 10)]
    [TestCase(100, 10)]
    [TestCase(1, 1)]
    public void A_percentile_is_the_value_at_the_nearest_rank(int percent, int expected) =>
        Assert.That(Percentile.Of<int>([.. Enumerable.Range(1, 10)], percent), Is.EqualTo(expected));

    [Test]
    public void The_report_has_each_message_and_the_means_of_all()
    {
        SentMessage other = Message with { Id = new string('b', 64), Node = 2 };
        var report = new DeliveryReport(3, [
            Delivery.Of(Message, [Got(1, 10, from: 0), Got(2, 20, from: 1)]),
            Delivery.Of(other, [Got(0, 30, from: 2), new Receipt(1, null, null)]),
        ]);
        Assert.That(report.Reach, Is.EqualTo("3/4 of 2"));
        Assert.That(report.Missing, Is.EqualTo(new[] { "bbbbbbbbbbbbbbbb of node 2, sent at 00:00:01, is not at 1" }));
        using var text = new StringWriter();
        report.Print(text);
        using var json = new StringWriter();
        report.PrintJson(json);

        Assert.That(report.IsComplete, Is.False);
        string[] lines = text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines[1], Does.Match(@"^aaaaaaaaaaaaaaaa +0 +256 +2/2 +10\.0 +20\.0 +20\.0 +20\.0 +1 +2 +2$"));
        Assert.That(lines[3].Trim(), Is.EqualTo("not at 1"));
        Assert.That(lines[^1], Does.Match(@"^all 2 +3/4 +20\.0 +25\.0 +25\.0 +25\.0 +1 +2 +2$"));
        JsonElement total = JsonDocument.Parse(json.ToString()).RootElement.GetProperty("total");
        Assert.That(total.GetProperty("reach").GetDouble(), Is.EqualTo(0.75));
        Assert.That(total.GetProperty("t50Ms").GetDouble(), Is.EqualTo(20));
        Assert.That(total.GetProperty("t90Ms").GetDouble(), Is.EqualTo(25));
        Assert.That(total.GetProperty("hopsMean").GetDouble(), Is.EqualTo(4 / 3.0).Within(1e-9));
    }

    [Test]
    public void A_report_of_nothing_is_empty()
    {
        using var text = new StringWriter();
        new DeliveryReport(3, []).Print(text);

        Assert.That(text.ToString(), Does.Contain("all 0").And.Contain("0/0"));
    }

    private static Receipt Got(int node, double delayMs, int? from) => new(node, Message.TimeMicros + (long)(delayMs * 1000), from);
}
