using Logos.P2P.Fuzz.Engine;

namespace Logos.P2P.Fuzz.Targets;

/// <summary>All targets, the cheapest first.</summary>
internal static class AllTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        .. WireTargets.All, new FrameTarget(), .. BookTargets.All, new OptionsTarget(), new ConfigurationTarget(), new CaptureTarget(),
        new RpcTarget(), new NativeTarget(), new ConversationTarget(),
    ];

    /// <summary>Finds a target; null when there is none of that name.</summary>
    public static FuzzTarget? Find(string name) => All.FirstOrDefault(target => target.Name == name);
}
