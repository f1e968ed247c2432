using Logos.P2P.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Transport;

/// <summary>
/// Accepts the connections of a listener until it is disposed. When that fails, for want of descriptors as a rule, it
/// waits: trying again at once would only spin. Those who connect meanwhile wait in the system's queue.
/// </summary>
internal static class AcceptLoop
{
    /// <param name="listener">Where connections come from.</param>
    /// <param name="take">Takes over a connection.</param>
    /// <param name="time">The node's clock.</param>
    /// <param name="logger">Is told of the start and the end of a time without descriptors.</param>
    /// <param name="stopping">Ends a wait. The listener must be disposed as well.</param>
    public static async Task RunAsync(
        IConnectionListener listener, Action<IConnection> take, TimeProvider time, ILogger logger, CancellationToken stopping)
    {
        bool isPaused = false;
        TimeSpan pause = NodeDefaults.AcceptPauseMin;
        long? lastPause = null;
        while (true)
        {
            IConnection? connection;
            try
            {
                connection = await listener.AcceptAsync();
            }
            catch (IOException e)
            {
                if (!isPaused)
                    Log.AcceptPaused(logger, listener.LocalEndpoint, e.Message);
                isPaused = true;
                // A descriptor that comes free now and then is no end of the trouble: the wait starts small again only
                // after a while without it.
                pause = lastPause is { } end && time.GetElapsedTime(end) < NodeDefaults.AcceptPauseMax
                    ? TimeSpan.FromTicks(Math.Min(NodeDefaults.AcceptPauseMax.Ticks, 2 * pause.Ticks))
                    : NodeDefaults.AcceptPauseMin;
                await Task.Delay(pause, time, stopping).ConfigureAwait(
                    ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
                lastPause = time.GetTimestamp();
                continue;
            }

            if (connection is null)
                return;
            if (isPaused)
                Log.AcceptResumed(logger, listener.LocalEndpoint);
            isPaused = false;
            Take(connection, take, logger);
        }
    }

    private static void Take(IConnection connection, Action<IConnection> take, ILogger logger)
    {
        try
        {
            take(connection);
        }
#pragma warning disable CA1031 // One bad connection must not end the accepting of others.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.AcceptFailed(logger, e);
            connection.Close();
        }
    }
}
