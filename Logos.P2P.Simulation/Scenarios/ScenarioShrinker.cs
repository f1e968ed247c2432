namespace Logos.P2P.Simulation.Scenarios;

/// <summary>Makes a run that fails smaller while it still fails, since little is easier to understand than much.</summary>
public static class ScenarioShrinker
{
    /// <summary>Runs at most. Each is smaller than the one that failed first.</summary>
    public const int MaxAttempts = 24;

    /// <summary>Halves the nodes, the time and the messages of a run, as long as what is left still fails.</summary>
    /// <param name="failing">A run that fails.</param>
    /// <param name="fails">Runs one and says whether it fails.</param>
    /// <returns>The smallest that was found to fail.</returns>
    public static ScenarioParameters Shrink(ScenarioParameters failing, Func<ScenarioParameters, bool> fails)
    {
        ArgumentNullException.ThrowIfNull(failing);
        ArgumentNullException.ThrowIfNull(fails);
        int left = MaxAttempts;
        bool wasSmaller = true;
        while (wasSmaller)
        {
            wasSmaller = false;
            foreach (Func<ScenarioParameters, ScenarioParameters?> halve in Halvings)
            {
                while (halve(failing) is { } smaller && left-- > 0 && fails(smaller))
                {
                    failing = smaller;
                    wasSmaller = true;
                }
            }
        }

        return failing;
    }

    /// <summary>What can be halved; null for what cannot be less.</summary>
    private static IEnumerable<Func<ScenarioParameters, ScenarioParameters?>> Halvings =>
    [
        // A network of two is the least there can be.
        parameters => parameters.Nodes >= 4 ? parameters with { Nodes = parameters.Nodes / 2 } : null,
        parameters => parameters.Seconds >= 2 ? parameters with { Seconds = parameters.Seconds / 2 } : null,
        parameters => parameters.Messages >= 1 ? parameters with { Messages = parameters.Messages / 2 } : null,
    ];
}
