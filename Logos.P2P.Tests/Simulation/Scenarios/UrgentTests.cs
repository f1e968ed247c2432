using Logos.P2P.Simulation;
using Logos.P2P.Simulation.Nodes;
using Logos.P2P.Simulation.Scenarios;
using NUnit.Framework;

namespace Logos.P2P.Tests.Simulation.Scenarios;

/// <summary>What two copies of a message are good for.</summary>
internal sealed class UrgentTests
{
    private const int Origins = 8;

    private static readonly ScenarioParameters Parameters = new() { Nodes = 100 };
    /// <summary>A little more than it takes until what was not said of a message has been learnt from.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(2.2);

    [Test]
    public void An_urgent_message_comes_twice_to_each_node()
    {
        ScenarioResult result = new Propagation().Run(
            Parameters with { Nodes = 60, Messages = 32, Warmup = 64, Origins = Origins, Urgent = true });

        Assert.That(result.Violations, Is.Empty);
        Assert.That(result.CopiesPerNode, Is.InRange(1.8, 2.1));
    }

    [Test]
    public void When_a_tenth_of_the_nodes_falls_silent_the_next_urgent_message_is_hardly_late()
    {
        (double t90, double max, _) = FirstAfterSilence(isUrgent: false);
        (double urgentT90, double urgentMax, double copies) = FirstAfterSilence(isUrgent: true);

        TestContext.Out.WriteLine($"t90 {t90:f1} and {urgentT90:f1} ms, max {max:f1} and {urgentMax:f1} ms; {copies:f2} copies later.");
        Assert.That(urgentT90, Is.LessThan(0.9 * t90));
        Assert.That(urgentMax, Is.LessThan(0.75 * max));
        Assert.That(copies, Is.GreaterThan(1.7), "Those who lost one of two have found another.");
    }

    /// <returns>Means of the first message of each origin after the silence, in milliseconds; and copies of the last ones.</returns>
    private static (double T90, double Max, double Copies) FirstAfterSilence(bool isUrgent)
    {
        using SimulatedNetwork network = NetworkFactory.Create(Parameters);
        NetworkFactory.BringUp(network);
        SimulatedNode[] origins = [.. network.Nodes.Take(Origins)];
        var traits = new MessageTraits(IsUrgent: isUrgent);
        void SendAll()
        {
            network.Loop.Do(() =>
            {
                foreach (SimulatedNode origin in origins)
                    network.Messages.Send(origin, Parameters.PayloadBytes, traits);
            });
            network.Loop.RunFor(Settle);
        }

        for (int i = 0; i < 8; i++)
            SendAll();
        SimulatedNode[] honest = [.. network.Nodes.Take(Parameters.Nodes * 9 / 10)];
        foreach (SimulatedNode node in network.Nodes.Except(honest))
            node.Verdict = Verdict.Consume;
        int first = network.Messages.All.Count;
        SendAll();
        double[][] delays =
        [
            .. network.Messages.All.Skip(first).Select(message =>
                honest.Select(node => message.DelayTo(node.Index).TotalMilliseconds).Order().ToArray()),
        ];
        for (int i = 0; i < 8; i++)
            SendAll();
        (long before, _, _) = Measurement.TrafficOf(honest);
        SendAll();
        (long after, _, _) = Measurement.TrafficOf(honest);
        Assert.That(network.Violations, Is.Empty);
        return (
            delays.Average(ofMessage => Percentile.Of(ofMessage, 90)!.Value), delays.Average(ofMessage => ofMessage[^1]),
            (double)(after - before) / (Origins * honest.Length));
    }
}
