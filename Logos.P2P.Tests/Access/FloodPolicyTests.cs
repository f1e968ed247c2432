using Logos.P2P.Access;
using NUnit.Framework;

namespace Logos.P2P.Tests.Access;

internal sealed class FloodPolicyTests
{
    [TestCase(10, 0, 7, true, TestName = "Who goes on alone is a flooder")]
    [TestCase(9.9, 0, 7, false, TestName = "Not before the patience is at its end")]
    [TestCase(100, 3, 7, true, TestName = "Less than half of the others: still one of the flooders")]
    [TestCase(100, 4, 8, false, TestName = "Half of the others do it too: the network is busy")]
    [TestCase(100, 0, 0, false, TestName = "The only peer of a node is never cut for it")]
    public void A_flooder_goes_on_for_long_and_stands_out(double seconds, int throttled, int others, bool isFlooder) =>
        Assert.That(FloodPolicy.IsFlooder(TimeSpan.FromSeconds(seconds), throttled, others), Is.EqualTo(isFlooder));
}
