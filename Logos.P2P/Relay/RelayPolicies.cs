namespace Logos.P2P.Relay;

/// <summary>The policies that an operator can choose.</summary>
internal static class RelayPolicies
{
    public static IRelayPolicy Create(RelayMode mode) => mode switch
    {
        RelayMode.Tree => new TreePolicy(new TreeTuning()),
        RelayMode.Eager => new TreePolicy(new TreeTuning { IsShared = true, Parents = 3 }),
        RelayMode.Push => new FixedPolicy(pushes: true),
        RelayMode.Inv => new FixedPolicy(pushes: false),
        _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "There is no such way to relay."),
    };
}
