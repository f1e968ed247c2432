using Logos.P2P.Testnet;
using Logos.P2P.Testnet.Graphs;
using Logos.P2P.Testnet.Measuring;

namespace Logos.P2P.Node.Views;

/// <summary>
/// Tells a page about a network of processes: who is connected with whom, and of each message that was sent (`testnet send`, a
/// script) when it was at which node, and from whom.
/// </summary>
internal sealed class TestnetFeed(TestnetDirectory directory, TestnetPlan plan) : IEventSource
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(500);

    private const int StepsPerGraph = 6;

    /// <summary>Messages shown: the latest.</summary>
    private const int MaxMessages = 20;

    /// <summary>How long a message is asked about that is not everywhere.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TestnetView _view = new(directory, plan);
    private readonly MessageLog _log = new(directory.MessagesFile);

    /// <inheritdoc/>
    public async Task RunAsync(TellNews tell, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Step);
        var complete = new HashSet<string>();
        ConnectionGraph? shown = null;
        (double X, double Y)[] places = [];
        tell("network", new { directory = directory.Path, relay = plan.Options.Relay.ToString().ToLowerInvariant() });
        for (int step = 0; ; step++)
        {
            if (step % StepsPerGraph == 0)
            {
                ConnectionGraph graph = await _view.GetGraphAsync([]).ConfigureAwait(false);
                // Whoever looks must find the nodes where they were: they move only when links come and go.
                if (shown is null || !graph.Edges.SequenceEqual(shown.Edges))
                    places = [.. ForceLayout.Place(graph)];
                shown = graph;
                tell("graph", Describe(graph, places));
            }

            await TellMessagesAsync(complete, tell).ConfigureAwait(false);
            await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private object Describe(ConnectionGraph graph, (double X, double Y)[] places)
    {
        HashSet<int> running = [.. _view.Running()];
        return new
        {
            nodes = places.Select((place, node) => new { x = place.X, y = place.Y, runs = running.Contains(node) }),
            edges = graph.Edges.Select(edge => new[] { edge.From, edge.To }),
        };
    }

    private async Task TellMessagesAsync(HashSet<string> complete, TellNews tell)
    {
        IReadOnlyList<SentMessage> all = await _log.ReadAsync().ConfigureAwait(false);
        (int Number, SentMessage Message)[] open =
            [.. all.Index().TakeLast(MaxMessages).Where(message => !complete.Contains(message.Item.Id))];
        if (open.Length == 0)
            return;
        IReadOnlyList<IReadOnlyList<Receipt>> receipts =
            await _view.FindAsync([.. open.Select(one => one.Message)]).ConfigureAwait(false);
        foreach (((int number, SentMessage message), IReadOnlyList<Receipt> its) in open.Zip(receipts))
        {
            Delivery delivery = Delivery.Of(message, its);
            if (delivery.Missing.Count == 0 || DateTimeOffset.UtcNow - message.Time > Patience)
                complete.Add(message.Id);
            tell("spread", Describe(delivery, its), $"spread {number % MaxMessages}");
        }
    }

    private static object Describe(Delivery delivery, IReadOnlyList<Receipt> receipts) => new
    {
        id = delivery.Message.Id,
        node = delivery.Message.Node,
        bytes = delivery.Message.Bytes,
        time = delivery.Message.TimeMicros / 1000,
        hops = delivery.Hops.Count > 0 ? delivery.Hops[^1] : (int?)null,
        receipts = receipts.Select(receipt => new
        {
            node = receipt.Node,
            ms = (receipt.TimeMicros - delivery.Message.TimeMicros) / 1000.0,
            from = receipt.From,
        }),
    };
}
