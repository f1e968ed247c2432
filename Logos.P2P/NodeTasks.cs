namespace Logos.P2P;

/// <summary>
/// Where the asynchronous work of a node runs: on the thread pool, or on a context that is given, as in a simulation, which
/// is one thread. All of it begins here, and inside the node nothing is awaited with ConfigureAwait(false), so it stays
/// where it began. A task completion source that others wait for together (Task.WhenAll) must not run continuations
/// asynchronously: those would be the pool's, whatever the context.
/// </summary>
/// <param name="context">Where work runs; the thread pool when null.</param>
internal sealed class NodeTasks(SynchronizationContext? context = null)
{
    /// <summary>Starts work.</summary>
    public Task Run(Func<Task> work)
    {
        if (context is null)
            return Task.Run(work);
        var done = new TaskCompletionSource();
        context.Post(_ => Follow(work, done), null);
        return done.Task;
    }

    /// <summary>Starts work that has a result.</summary>
    public async Task<T> Run<T>(Func<Task<T>> work)
    {
        T? result = default;
        await Run(async () => { result = await work(); });
        return result!;
    }

    /// <summary>Puts work onto the context that was given, beside whatever runs there.</summary>
    /// <returns>False when none was given.</returns>
    public bool TryPost(Action work)
    {
        context?.Post(static work => ((Action)work!)(), work);
        return context is not null;
    }

    /// <summary>
    /// Starts work that waits for the disk: on a thread of its own, since on a thread of the pool messages would wait with it; on one
    /// of the pool when there is none.
    /// </summary>
    public Task RunBlocking(Action work)
    {
        if (context is not null)
        {
            return Run(() =>
            {
                work();
                return Task.CompletedTask;
            });
        }

        var task = new Task(work);
        void Complete() => task.RunSynchronously(TaskScheduler.Default);
        StartThread("Logos.P2P disk", Complete, Complete);
        return task;
    }

    /// <summary>
    /// Starts a thread; or has a thread of the pool do something instead when the system gives us no more, as it does when a process
    /// has used up its descriptors.
    /// </summary>
    /// <param name="name">What debuggers show of it.</param>
    /// <param name="work">What the thread does.</param>
    /// <param name="otherwise">What one of the pool does.</param>
    public static void StartThread(string name, Action work, Action otherwise)
    {
        try
        {
            new Thread(() => work()) { IsBackground = true, Name = name }.Start();
        }
        catch (OutOfMemoryException)
        {
            // That is what .NET says then.
            ThreadPool.UnsafeQueueUserWorkItem(static otherwise => otherwise(), otherwise, preferLocal: false);
        }
    }

    private static async void Follow(Func<Task> work, TaskCompletionSource done)
    {
        try
        {
            await work();
            done.SetResult();
        }
#pragma warning disable CA1031 // It goes to whoever awaits the work.
        catch (Exception e)
#pragma warning restore CA1031
        {
            done.SetException(e);
        }
    }
}
