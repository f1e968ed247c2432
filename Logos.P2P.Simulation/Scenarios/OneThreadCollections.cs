using System.Runtime;

namespace Logos.P2P.Simulation.Scenarios;

/// <summary>
/// While it lasts, garbage is collected at once and not beside the program. Nobody waits for a simulation's next step, and
/// what is collected beside it costs twice.
/// </summary>
internal sealed class OneThreadCollections : IDisposable
{
    private static readonly Lock Gate = new();
    private static int _running;
    private static GCLatencyMode _before;

    public OneThreadCollections()
    {
        lock (Gate)
        {
            if (_running++ > 0)
                return;
            _before = GCSettings.LatencyMode;
            GCSettings.LatencyMode = GCLatencyMode.Batch;
        }
    }

    public void Dispose()
    {
        lock (Gate)
        {
            if (--_running == 0)
                GCSettings.LatencyMode = _before;
        }
    }
}
