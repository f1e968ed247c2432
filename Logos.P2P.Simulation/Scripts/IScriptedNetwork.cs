namespace Logos.P2P.Simulation.Scripts;

/// <summary>
/// What a script plays on: nodes, numbered from 0, of the simulator or of real processes. What is done at once in one is
/// awaited in the other; where time is virtual, the tasks are complete when they are returned.
/// </summary>
public interface IScriptedNetwork
{
    /// <summary>How many nodes there are, running or not.</summary>
    int NodeCount { get; }

    /// <summary>The time since some moment before the script began.</summary>
    TimeSpan Elapsed { get; }

    /// <summary>Whether a node runs.</summary>
    bool IsRunning(int node);

    /// <summary>Has a node send a message that was not sent before.</summary>
    /// <param name="node">A node that runs.</param>
    /// <param name="bytes">How long the message is.</param>
    Task SendAsync(int node, int bytes);

    /// <summary>Ends nodes as a power failure would. Those that do not run stay as they are.</summary>
    Task KillAsync(IReadOnlyList<int> nodes);

    /// <summary>Starts nodes with what they kept on disk; those that run are stopped before.</summary>
    Task RestartAsync(IReadOnlyList<int> nodes);

    /// <summary>Lets nothing pass between nodes of different sides. A node is on one side; a second call replaces the first.</summary>
    Task PartitionAsync(IReadOnlyList<IReadOnlyList<int>> sides);

    /// <summary>Ends the partition.</summary>
    Task HealAsync();

    /// <summary>Delays what passes from now on, each way on each link.</summary>
    /// <param name="delay">How long.</param>
    /// <param name="jitter">How much more at most; what was sent first arrives first all the same.</param>
    Task DelayAsync(TimeSpan delay, TimeSpan jitter);

    /// <summary>Lets time pass.</summary>
    Task WaitAsync(TimeSpan time);

    /// <summary>Reports how far and how fast the messages sent so far have come.</summary>
    Task CollectAsync();
}
