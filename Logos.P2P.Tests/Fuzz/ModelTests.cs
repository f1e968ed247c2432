using Logos.P2P.Fuzz.Model;
using NUnit.Framework;

namespace Logos.P2P.Tests.Fuzz;

/// <summary>The short form of `Logos.P2P.Fuzz model`: the node next to a model of the protocol.</summary>
internal sealed class ModelTests
{
    private const long Steps = 20_000;

    [Test]
    public void A_node_says_what_the_model_says_in_random_conversations()
    {
        int seed = Environment.TickCount;
        TestContext.Out.WriteLine($"Seed {seed}");
        var campaign = new ModelCampaign((ulong)(uint)seed);
        ModelDifference? difference = campaign.Run(Steps, TimeSpan.FromMinutes(2));

        TestContext.Out.WriteLine(campaign);
        Assert.That(difference, Is.Null, difference?.ToString());
        Assert.That(campaign.Steps, Is.GreaterThanOrEqualTo(Steps));
    }

    [Test]
    public void A_whole_conversation_by_hand_agrees(
        [Values] RelayMode mode)
    {
        ModelAction[] actions =
        [
            .. Handshake(1), .. Handshake(2), new(ActionKind.Logos, 1, 1, 0), new(ActionKind.Logos, 2, 1, 0),
            new(ActionKind.GetData, 2, 1, 0), new(ActionKind.Inventory, 2, 2, 0), new(ActionKind.Pause, 0, 0, 2), new(ActionKind.Logos, 2, 2, 0),
            new(ActionKind.Propagate, 0, 3, 0), new(ActionKind.Report, 0, 3, 0), new(ActionKind.GetData, 1, 3, 0),
            new(ActionKind.Logos, 1, 7, 0), new(ActionKind.Ping, 1, 5, 0), new(ActionKind.Pause, 0, 0, 4),
        ];
        using var run = new ModelRun(mode);

        Assert.That(run.Run(actions), Is.Null);
        Assert.That(run.Steps, Is.EqualTo(actions.Length));
    }

    private static IEnumerable<ModelAction> Handshake(int peer) =>
    [
        new(ActionKind.Connect, peer, 0, 0), new(ActionKind.Version, peer, 0, 0), new(ActionKind.Feature, peer, 0, 0),
        new(ActionKind.Verack, peer, 0, 0), new(ActionKind.Pong, peer, 0, 0),
    ];
}
