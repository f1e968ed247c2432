namespace Logos.P2P.Tests;

/// <summary>What an action allocates on this thread.</summary>
internal static class Allocations
{
    private const int Runs = 5;

    /// <summary>
    /// The least that any of a few runs allocated. Not just one run: a background collection, for which someone else's
    /// large objects are reason enough, throws away what is left of this thread's allocation quantum of 8 KiB, and the
    /// runtime counts that as allocated.
    /// </summary>
    /// <param name="action">What is measured.</param>
    /// <param name="enough">When a run allocates no more than that, there is no further one.</param>
    public static long Least(Action action, long enough = 0)
    {
        long least = long.MaxValue;
        for (int i = 0; i < Runs && least > enough; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
