using Logos.P2P.Relay.Chunks;
using NUnit.Framework;

namespace Logos.P2P.Tests.Relay.Chunks;

/// <summary>How many messages go on before all of them is here.</summary>
internal sealed class ChunkCreditTests
{
    private static readonly TimeSpan Now = TimeSpan.FromMinutes(10);

    private ChunkCredit _credit = null!;

    [SetUp]
    public void SetUp()
    {
        _credit = new ChunkCredit();
        for (int i = 0; i < ChunkCredit.MaxUnproven; i++)
            Assert.That(_credit.TryPass(Now), Is.True);
        Assert.That(_credit.TryPass(Now), Is.False);
    }

    [Test]
    public void Whatever_proved_right_gives_its_place_to_another()
    {
        _credit.Prove();

        Assert.That(_credit.TryPass(Now), Is.True);
        Assert.That(_credit.TryPass(Now), Is.False);
    }

    [Test]
    public void What_never_proved_right_is_forgiven_after_a_minute()
    {
        Assert.That(_credit.TryPass(Now + NodeDefaults.BadMessageWindow - TimeSpan.FromTicks(1)), Is.False);
        Assert.That(_credit.TryPass(Now + NodeDefaults.BadMessageWindow), Is.True);
    }
}
