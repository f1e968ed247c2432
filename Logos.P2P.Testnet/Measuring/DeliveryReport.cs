using System.Globalization;
using System.Text.Json;
using Logos.P2P.Simulation;

namespace Logos.P2P.Testnet.Measuring;

/// <summary>How far and how fast messages came: each, and all together.</summary>
/// <param name="nodes">How many nodes run.</param>
/// <param name="deliveries">The messages.</param>
internal sealed class DeliveryReport(int nodes, IReadOnlyList<Delivery> deliveries)
{
    /// <summary>Whether every message is where it was owed.</summary>
    public bool IsComplete => deliveries.All(delivery => delivery.Missing.Count == 0);

    /// <summary>Whether anybody was owed any.</summary>
    public bool IsOwed => Owed(deliveries) > 0;

    /// <summary>At how many nodes messages are, of those where they are owed: "99/100 of 5".</summary>
    public string Reach => $"{Arrived(deliveries)}/{Owed(deliveries)} of {deliveries.Count}";

    /// <summary>Those that are not everywhere, a line each.</summary>
    public IEnumerable<string> Missing => deliveries.Where(delivery => delivery.Missing.Count > 0).Select(delivery =>
        $"{delivery.Message.Id[..16]} of node {delivery.Message.Node}, sent at {delivery.Message.Time:HH:mm:ss}, is not at {string.Join(' ', delivery.Missing)}");

    /// <summary>A table for people.</summary>
    public void Print(TextWriter output)
    {
        output.WriteLine("message           from    bytes       reach    t50 ms    t90 ms    t99 ms    max ms  hops 50 90 max");
        foreach (Delivery delivery in deliveries)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{delivery.Message.Id[..16]} {delivery.Message.Node,5} {delivery.Message.Bytes,8} {Line([delivery])}"));
            if (delivery.Missing.Count > 0)
                output.WriteLine($"                  not at {string.Join(' ', delivery.Missing)}");
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{$"all {deliveries.Count}",-31} {Line(deliveries)}"));
    }

    /// <summary>One object for programs, under the simulator's names where it has the notion.</summary>
    public void PrintJson(TextWriter output) => output.WriteLine(JsonSerializer.Serialize(
        new
        {
            nodes,
            messages = deliveries.Count,
            total = Figures(deliveries),
            each = deliveries.Select(delivery => new
            {
                id = delivery.Message.Id,
                node = delivery.Message.Node,
                payloadBytes = delivery.Message.Bytes,
                missing = delivery.Missing,
                figures = Figures([delivery]),
            }),
        },
        JsonSerializerOptions.Web));

    private static string Line(IReadOnlyList<Delivery> deliveries)
    {
        int[] hops = Hops(deliveries);
        string reach = string.Create(CultureInfo.InvariantCulture, $"{Arrived(deliveries)}/{Owed(deliveries)}");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{reach,11} {Delay(deliveries, 50),9:0.0} {Delay(deliveries, 90),9:0.0} {Delay(deliveries, 99),9:0.0} "
            + $"{Delay(deliveries, 100),9:0.0}  {Percentile.Of(hops, 50),7} {Percentile.Of(hops, 90),2} "
            + $"{Percentile.Of(hops, 100),3}");
    }

    private static object Figures(IReadOnlyList<Delivery> deliveries)
    {
        int[] hops = Hops(deliveries);
        int owed = Owed(deliveries);
        return new
        {
            owed,
            arrived = Arrived(deliveries),
            reach = owed == 0 ? (double?)null : (double)Arrived(deliveries) / owed,
            t50Ms = Delay(deliveries, 50),
            t90Ms = Delay(deliveries, 90),
            t99Ms = Delay(deliveries, 99),
            maxMs = Delay(deliveries, 100),
            hopsKnown = hops.Length,
            hops50 = Percentile.Of(hops, 50),
            hops90 = Percentile.Of(hops, 90),
            hopsMax = Percentile.Of(hops, 100),
            hopsMean = hops.Length == 0 ? (double?)null : hops.Average(),
        };
    }

    private static int Arrived(IReadOnlyList<Delivery> deliveries) => deliveries.Sum(delivery => delivery.DelaysMs.Count);

    private static int Owed(IReadOnlyList<Delivery> deliveries) =>
        Arrived(deliveries) + deliveries.Sum(delivery => delivery.Missing.Count);

    /// <summary>The mean of the messages' percentiles, as the simulator has it; null when none arrived anywhere.</summary>
    private static double? Delay(IReadOnlyList<Delivery> deliveries, int percent) =>
        deliveries.Average(delivery => Percentile.Of(delivery.DelaysMs, percent));

    private static int[] Hops(IReadOnlyList<Delivery> deliveries) =>
        [.. deliveries.SelectMany(delivery => delivery.Hops).Order()];
}
