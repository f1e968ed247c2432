using Logos.P2P.Simulation.Nodes;
using Logos.P2P.Simulation.Scripts;

namespace Logos.P2P.Simulation.Scenarios;

/// <summary>What a script says, as networks of processes play it.</summary>
/// <param name="script">The script.</param>
public sealed class Scripted(NetworkScript script) : Scenario
{
    /// <inheritdoc/>
    public override string Name => "script";

    /// <inheritdoc/>
    public override string Summary => "Play a script, as testnet plays it on real processes.";

    /// <inheritdoc/>
    public override ScenarioParameters Defaults { get; } = new() { Nodes = 20 };

    internal override void Play(ScenarioRun run)
    {
        NetworkFactory.BringUp(run.Network);
        run.StartMeasuring();
        // Time is virtual, so whatever is awaited is done: it is played to its end here.
        script.PlayAsync(new ScriptedSimulation(run), run.Network.Random).GetAwaiter().GetResult();
        run.Pass(ScenarioRun.Settle);
    }
}
