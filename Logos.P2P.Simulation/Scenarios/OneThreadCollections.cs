using System.Runtime;

namespace Logos.P2P.Simulation.Scenarios;

/// <summary>
/// While it lasts, garbage is collected at once and not beside the program. Nobody waits for a simulation's next step, and
/// what is collected beside it costs twice.
/// </summary>
internal sealed class OneThreadCollections : IDisposable
{
    private readonly GCLatencyMode _before = GCSettings.LatencyMode;

    public OneThreadCollections() => GCSettings.LatencyMode = GCLatencyMode.Batch;

    public void Dispose() => GCSettings.LatencyMode = _before;
}
