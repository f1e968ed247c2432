using System.Globalization;
using Logos.P2P.Fuzz.Engine;

namespace Logos.P2P.Fuzz.Model;

/// <summary>A conversation in which node and model differ.</summary>
/// <param name="Mode">How the node relayed.</param>
/// <param name="Actions">The shortest that does.</param>
/// <param name="Difference">What differs.</param>
internal sealed record ModelDifference(RelayMode Mode, ModelAction[] Actions, string Difference)
{
    public override string ToString() => $"{Mode}: {Difference}\n  {string.Join(' ', Actions)}";
}

/// <summary>Many conversations, with all ways to relay in turn.</summary>
/// <param name="seed">What chance begins with.</param>
internal sealed class ModelCampaign(ulong seed)
{
    /// <summary>
    /// Steps of one conversation. With pauses that is half a minute to two of virtual time, in which nothing that was sent is
    /// forgotten for its age (ten minutes).
    /// </summary>
    private const int Length = 200;

    private readonly FuzzRandom _random = new(seed);

    /// <summary>Steps that agreed.</summary>
    public long Steps { get; private set; }

    public int Conversations { get; private set; }

    /// <summary>Messages, counters and calls that were compared.</summary>
    public long Compared { get; private set; }

    /// <summary>Runs until so many steps agreed, or the time is up.</summary>
    /// <returns>The first difference; null when there was none.</returns>
    public ModelDifference? Run(long steps, TimeSpan duration)
    {
        long start = TimeProvider.System.GetTimestamp();
        RelayMode[] modes = Enum.GetValues<RelayMode>();
        while (Steps < steps && TimeProvider.System.GetElapsedTime(start) < duration)
        {
            RelayMode mode = modes[Conversations++ % modes.Length];
            ModelAction[] actions = ActionSource.Draw(_random, Length);
            using var run = new ModelRun(mode);
            string? difference = run.Run(actions);
            Steps += run.Steps;
            Compared += run.Compared;
            if (difference is not null)
                return Shrink(mode, actions);
        }

        return null;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Steps:N0} steps in {Conversations:N0} conversations, {Compared:N0} things compared");

    private static ModelDifference Shrink(RelayMode mode, ModelAction[] actions)
    {
        ModelAction[] shortest = Shrinker.LeaveOut(actions, fewer => Try(mode, fewer) is not null);
        return new ModelDifference(mode, shortest, Try(mode, shortest)!);
    }

    private static string? Try(RelayMode mode, ModelAction[] actions)
    {
        using var run = new ModelRun(mode);
        return run.Run(actions);
    }
}
