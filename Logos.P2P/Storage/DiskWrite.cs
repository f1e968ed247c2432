namespace Logos.P2P.Storage;

/// <summary>
/// Writing to disk behind the node's back: on a thread of its own, since it waits for the disk, and on a thread of the pool
/// messages would wait with it.
/// </summary>
internal static class DiskWrite
{
    public static Task Start(Action write) => Task.Factory.StartNew(
        write, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
