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
        int attempts = 0;
        bool wasSmaller = true;
        while (wasSmaller)
        {
            wasSmaller = false;
            foreach (ScenarioParameters smaller in Smaller(failing))
            {
                if (attempts++ == MaxAttempts)
                    return failing;
                if (!fails(smaller))
                    continue;
                failing = smaller;
                wasSmaller = true;
                break;
            }
        }

        return failing;
    }

    private static IEnumerable<ScenarioParameters> Smaller(ScenarioParameters parameters)
    {
        // A network of two is the least there can be.
        if (parameters.Nodes >= 4)
            yield return parameters with { Nodes = parameters.Nodes / 2 };
        if (parameters.Seconds >= 2)
            yield return parameters with { Seconds = parameters.Seconds / 2 };
        if (parameters.Messages >= 1)
            yield return parameters with { Messages = parameters.Messages / 2 };
    }
}
