using Logos.P2P.Fuzz.Engine;

namespace Logos.P2P.Fuzz.Model;

/// <summary>Draws conversations: mostly sensible ones, since what comes after a violation says little.</summary>
internal static class ActionSource
{
    public const int PeerCount = 4;

    /// <summary>How often each kind is drawn.</summary>
    private static readonly (ActionKind Kind, int Weight)[] Weights =
    [
        (ActionKind.Connect, 8), (ActionKind.Version, 3), (ActionKind.Verack, 2), (ActionKind.SendAddrV2, 1), (ActionKind.Feature, 2),
        (ActionKind.Ping, 8), (ActionKind.Pong, 8), (ActionKind.GetAddr, 3), (ActionKind.Addresses, 4), (ActionKind.Inventory, 10),
        (ActionKind.GetData, 10), (ActionKind.NotFound, 4), (ActionKind.Logos, 24), (ActionKind.Direct, 3), (ActionKind.Unknown, 3),
        (ActionKind.WrongMagic, 1), (ActionKind.BadChecksum, 3), (ActionKind.BadCommand, 3), (ActionKind.Have, 8), (ActionKind.Want, 6),
        (ActionKind.RelayWord, 4), (ActionKind.ChunkWord, 2), (ActionKind.TooLarge, 1), (ActionKind.Leave, 2), (ActionKind.Pause, 8),
        (ActionKind.Propagate, 6), (ActionKind.Report, 2),
    ];

    private static readonly ActionKind[] Table =
        [.. Weights.SelectMany(entry => Enumerable.Repeat(entry.Kind, entry.Weight))];

    /// <summary>A conversation with about so many steps.</summary>
    public static ModelAction[] Draw(FuzzRandom random, int length)
    {
        var actions = new List<ModelAction>(length + 8);
        while (actions.Count < length)
        {
            int peer = random.Below(PeerCount);
            // Messages come into being one after another; those of a while ago are of interest as well.
            int item = random.Below(8 + (actions.Count / 3));
            ActionKind kind = random.Pick<ActionKind>(Table);
            if (kind == ActionKind.Connect)
            {
                AddHandshake(actions, peer, random);
                continue;
            }

            actions.Add(new ModelAction(kind, peer, item, random.OneIn(3) ? random.Below(6) : 0));
        }

        return [.. actions];
    }

    /// <summary>A whole handshake, with now and then a step left out.</summary>
    private static void AddHandshake(List<ModelAction> actions, int peer, FuzzRandom random)
    {
        ReadOnlySpan<(ActionKind Kind, int Variant, int OneInLeftOut)> steps =
        [
            (ActionKind.Connect, 0, 100), (ActionKind.Version, random.OneIn(5) ? 1 : 0, 50), (ActionKind.SendAddrV2, 0, 2),
            (ActionKind.Feature, 0, 2), (ActionKind.Feature, 1, 4), (ActionKind.Verack, 0, 50), (ActionKind.Pong, 0, 4),
        ];
        foreach ((ActionKind kind, int variant, int oneInLeftOut) in steps)
        {
            if (!random.OneIn(oneInLeftOut))
                actions.Add(new ModelAction(kind, peer, 0, variant));
        }
    }
}
