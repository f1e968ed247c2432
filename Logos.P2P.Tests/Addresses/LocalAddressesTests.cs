using Logos.P2P.Addresses;
using Logos.P2P.Tests.AddrMan;
using Logos.P2P.Tests.Peers;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Addresses;

internal sealed class LocalAddressesTests
{
    private static readonly P2POptions Main = new() { Network = P2PNetwork.Main };

    [Test]
    public void What_the_operator_says_what_we_listen_on_and_what_led_to_us_is_ours()
    {
        var local = new LocalAddresses(new NetworkPolicy(P2PNetwork.Main, false), [Book.Endpoint("50.1.1.1")]);
        local.Listening(Book.Endpoint("127.0.0.1:5"));
        local.AddOwn(Book.Endpoint("60.1.1.1:6"));

        foreach (string own in new[] { "50.1.1.1:14495", "127.0.0.1:5", "60.1.1.1:6" })
            Assert.That(local.IsOwn(Book.Endpoint(own)), Is.True, own);
        Assert.That(local.IsOwn(Book.Endpoint("60.1.1.1:7")), Is.False);
    }

    [TestCase("30.1.1.1:14495", "40.1.1.1", null, "30.1.1.1:999", TestName = "Our_end_of_the_connection_with_the_port_we_listen_on")]
    [TestCase("192.168.1.1:1", "40.1.1.1", "50.2.2.2", "50.2.2.2:999", TestName = "What_the_peer_sees_when_our_end_is_private")]
    [TestCase("192.168.1.1:1", "40.1.1.1", "10.2.2.2", null, TestName = "Nothing_when_both_are_private")]
    [TestCase("192.168.1.1:1", "40.1.1.1", null, null, TestName = "Nothing_when_nobody_knows")]
    public async Task Told(string ours, string theirs, string? seen, string? expected)
    {
        await using var rig = new PeerRig(Main);
        rig.Node.Local.Listening(Book.Endpoint("0.0.0.0:999"));
        ScriptedPeer peer = rig.Connect(host: theirs, ours: ours);
        NetEndpoint receiver = seen is null ? NetEndpoint.None : Book.Endpoint(seen);
        await peer.ShakeHandsAsync(version: ScriptedPeer.Version() with { Receiver = receiver });

        Assert.That(rig.Node.Local.ToTell(peer.Peer)?.ToString(), Is.EqualTo(expected));
    }

    [Test]
    public async Task Whoever_does_not_listen_tells_nothing()
    {
        await using var rig = new PeerRig(Main);
        ScriptedPeer peer = rig.Connect(host: "40.1.1.1", ours: "30.1.1.1:5");

        Assert.That(rig.Node.Local.ToTell(peer.Peer), Is.Null);
    }

    [TestCase("40.1.1.1", "50.1.1.1:14495")]
    [TestCase("10.1.1.1", "192.168.1.1:14495")]
    public async Task The_operators_word_outranks_all_as_far_as_the_peer_can_use_it(string theirs, string expected)
    {
        await using var rig = new PeerRig(
            Main with { PrivateNet = true, ExternalIPs = ["192.168.1.1", "50.1.1.1"] });
        rig.Node.Local.Listening(Book.Endpoint("0.0.0.0:999"));
        ScriptedPeer peer = rig.Connect(host: theirs, ours: "30.1.1.1:5");

        Assert.That(rig.Node.Local.ToTell(peer.Peer)?.ToString(), Is.EqualTo(expected));
    }
}
