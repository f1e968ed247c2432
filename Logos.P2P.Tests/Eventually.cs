using System.Diagnostics;
using NUnit.Framework;

namespace Logos.P2P.Tests;

/// <summary>
/// For what has no event: looks again and again, giving the thread away in between. Returns as soon as it is so, and
/// only a failing test ever waits for long.
/// </summary>
internal static class Eventually
{
    public static async Task IsAsync(Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(TestNode.Patience), "It never came to be so.");
            await Task.Delay(1);
        }
    }
}
