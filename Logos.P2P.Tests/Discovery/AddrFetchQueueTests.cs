using Logos.P2P.Discovery;
using NUnit.Framework;

namespace Logos.P2P.Tests.Discovery;

internal sealed class AddrFetchQueueTests
{
    [Test]
    public void Peers_come_out_in_the_order_in_which_they_went_in()
    {
        var queue = new AddrFetchQueue();
        queue.Add("a");
        queue.Add("b");

        Assert.That(queue.Drain(), Is.EqualTo(new[] { "a", "b" }));
        Assert.That(queue.TryTake(out _), Is.False);
    }

    [Test]
    public void A_peer_that_waits_is_not_added_again_but_one_that_was_taken_is()
    {
        var queue = new AddrFetchQueue();
        queue.Add("a");
        queue.Add("a");
        Assert.That(queue.Drain(), Is.EqualTo(new[] { "a" }));

        queue.Add("a");
        Assert.That(queue.Drain(), Is.EqualTo(new[] { "a" }));
    }
}

internal static class AddrFetchQueueExtensions
{
    /// <summary>Takes all that wait.</summary>
    public static IReadOnlyList<string> Drain(this AddrFetchQueue queue)
    {
        var taken = new List<string>();
        while (queue.TryTake(out string? peer))
            taken.Add(peer);
        return taken;
    }
}
