using Logos.P2P.Peers;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Peers;

internal sealed class ClockOffsetsTests
{
    [TestCase("0 0 0 0", null)]
    [TestCase("0 0 0 0 0", 0)]
    [TestCase("1 2 3 4 5", 3)]
    [TestCase("-9 -7 -8 -1 -5", -7)]
    [TestCase("99999 99999 0 0 0", 0, Description = "Two liars of five move nothing.")]
    public void The_median_of_five_or_more_counts(string minutes, int? median)
    {
        var offsets = new ClockOffsets();
        foreach ((int host, string one) in minutes.Split(' ').Index())
            offsets.Add(Host(host), TimeSpan.FromMinutes(int.Parse(one, System.Globalization.CultureInfo.InvariantCulture)));

        Assert.That(offsets.Median?.TotalMinutes, Is.EqualTo((double?)median));
    }

    [TestCase(11, true)]
    [TestCase(-11, true)]
    [TestCase(10, false)]
    public void More_than_ten_minutes_are_told_once(int minutes, bool told)
    {
        var offsets = new ClockOffsets();
        bool[] answers = [.. Enumerable.Range(0, 8).Select(i => offsets.Add(Host(i), TimeSpan.FromMinutes(minutes)))];

        Assert.That(answers.Count(answer => answer), Is.EqualTo(told ? 1 : 0));
        Assert.That(answers[4], Is.EqualTo(told), "With the fifth.");
    }

    [Test]
    public void Only_the_latest_fifty_count()
    {
        var offsets = new ClockOffsets();
        for (int i = 0; i < 100; i++)
            offsets.Add(Host(i), TimeSpan.FromHours(1));
        for (int i = 0; i < ClockOffsets.MaxSamples; i++)
            offsets.Add(Host(100 + i), TimeSpan.Zero);

        Assert.That(offsets.Median, Is.EqualTo(TimeSpan.Zero));
        Assert.That(offsets.Add(Host(200), TimeSpan.FromHours(1)), Is.False);
    }

    [Test]
    public void A_host_that_comes_again_and_again_counts_once_with_what_it_says_now()
    {
        var offsets = new ClockOffsets();
        for (int i = 0; i < 100; i++)
            Assert.That(offsets.Add(Host(0), TimeSpan.FromHours(1)), Is.False);
        Assert.That(offsets.Median, Is.Null);

        foreach (int host in new[] { 1, 2, 3, 4 })
            offsets.Add(Host(host), TimeSpan.FromMinutes(host));
        Assert.That(offsets.Median, Is.EqualTo(TimeSpan.FromMinutes(3)));
        offsets.Add(Host(0), TimeSpan.Zero);
        Assert.That(offsets.Median, Is.EqualTo(TimeSpan.FromMinutes(2)));
    }

    [Test]
    public async Task Only_peers_that_we_dialled_count_and_whatever_they_say_is_survived()
    {
        await using var rig = new PeerRig();
        long[] ahead = [3600, 3600, 3600, long.MaxValue, long.MinValue];
        foreach ((int host, long seconds) in ahead.Index())
            await Meet(rig, ConnectionKind.Inbound, host, seconds);
        Assert.That(rig.Node.ClockOffsets.Median, Is.Null);

        foreach ((int host, long seconds) in ahead.Index())
            await Meet(rig, ConnectionKind.Outbound, host, seconds);
        Assert.That(rig.Node.ClockOffsets.Median, Is.EqualTo(TimeSpan.FromHours(1)));
        Assert.That(rig.Node.Peers.All[0].ToInfo().ClockOffset, Is.EqualTo(TimeSpan.FromHours(1)));
    }

    private static NetAddress Host(int number) => PeerRig.Endpoint($"192.0.2.{number}").Address;

    private static async Task Meet(PeerRig rig, ConnectionKind kind, int host, long ahead)
    {
        ScriptedPeer peer = rig.Connect(kind, Host(host).ToString());
        await peer.ShakeHandsAsync(version: ScriptedPeer.Version() with { Time = unchecked(rig.Clock.UnixSeconds + ahead) });
        await rig.WaitForAsync<PeerReady>(ready => ready.PeerId == peer.Peer.Id);
    }
}
