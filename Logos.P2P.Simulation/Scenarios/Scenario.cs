using Logos.P2P.Simulation.Scripts;

namespace Logos.P2P.Simulation.Scenarios;

/// <summary>Something that may befall a network, and what is measured then.</summary>
public abstract class Scenario
{
    /// <summary>All scenarios, in the order in which they are listed.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new Propagation(), new Join(), new Churn(), new PartitionHeal(), new RestartAll(), new Mixed(),
        new Diameter(), new Eclipse(), new Sybil(), new Flood(), new Stallers(), new Important(),
        new Silence(), new Crash(), new Promises(), new Rewire(), new Consensus(),
    ];

    /// <summary>What it is called on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>One sentence of help.</summary>
    public abstract string Summary { get; }

    /// <summary>What it is run with when nobody says otherwise.</summary>
    public virtual ScenarioParameters Defaults { get; } = new();

    /// <summary>Runs it.</summary>
    /// <param name="parameters">With what.</param>
    /// <param name="progress">Is told the part that is done, 0 to 1, now and then.</param>
    /// <param name="trace">Where a line for each arrival is written; nowhere when null.</param>
    /// <exception cref="SimulationException">The parameters make no sense.</exception>
    public ScenarioResult Run(ScenarioParameters parameters, IProgress<double>? progress = null, TextWriter? trace = null)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        parameters.Validate();
        using var collections = new OneThreadCollections();
        using var run = new ScenarioRun(Name, parameters, progress, trace);
        try
        {
            Play(run);
        }
#pragma warning disable CA1031 // Whatever a node fails with is what a simulation is there to find.
        catch (Exception e) when (e is not (SimulationException or ScriptException))
#pragma warning restore CA1031
        {
            run.Network.Violate(e.ToString());
        }

        return run.Finish();
    }

    /// <summary>Lets it happen to the run's network.</summary>
    internal abstract void Play(ScenarioRun run);
}
