using Logos.P2P.Access;
using Logos.P2P.Tests.Peers;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Access;

internal sealed class UploadLimitTests
{
    /// <summary>What may be sent at once, in seconds' worth.</summary>
    private static readonly double Burst = (3 * NodeDefaults.Heartbeat).TotalSeconds;

    [Test]
    public async Task Without_a_rate_there_is_no_limit()
    {
        await using PeerRig rig = Rig(all: 0, each: 0);

        Assert.That(UploadLimit.Create(rig.Node), Is.Null);
    }

    [Test]
    public async Task Each_peer_has_a_rate_of_its_own()
    {
        await using PeerRig rig = Rig(all: 0, each: 1000);
        UploadLimit one = Limit(rig), other = Limit(rig);

        one.Charge((int)(1000 * Burst));
        Assert.That(one.IsExceeded, Is.False);
        one.Charge(1);

        Assert.That(one.IsExceeded, Is.True);
        Assert.That(other.IsExceeded, Is.False);
    }

    [Test]
    public async Task Of_the_rate_for_all_whoever_used_more_than_his_part_waits_when_all_is_used()
    {
        // Handshakes are charged as well: a few kilobytes.
        await using PeerRig rig = Rig(all: 1_000_000, each: 0);
        for (int i = 0; i < 4; i++)
            await rig.ConnectReadyAsync();
        UploadLimit greedy = Limit(rig), modest = Limit(rig);

        greedy.Charge((int)(900_000 * Burst));
        Assert.That(greedy.IsExceeded, Is.False, "Nobody else wants it.");
        modest.Charge((int)(110_000 * Burst));

        Assert.That(greedy.IsExceeded, Is.True);
        Assert.That(modest.IsExceeded, Is.False, "It has used less than a quarter.");
        modest.Charge((int)(250_000 * Burst));
        Assert.That(modest.IsExceeded, Is.True);
    }

    [Test]
    public async Task Both_rates_hold_together()
    {
        await using PeerRig rig = Rig(all: 1_000_000, each: 1000);
        UploadLimit one = Limit(rig);

        one.Charge((int)(1100 * Burst));

        Assert.That(one.IsExceeded, Is.True, "There is room for all together, but not for this one.");
    }

    private static PeerRig Rig(long all, long each) =>
        new(new P2POptions { Network = P2PNetwork.Regtest, MaxUploadRate = all, MaxPeerUploadRate = each });

    private static UploadLimit Limit(PeerRig rig) => UploadLimit.Create(rig.Node)!;
}
