using System.Security.Cryptography;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests;

/// <summary>Nodes on real sockets, seen from outside.</summary>
internal sealed class P2PNodeTests
{
    [Test]
    public async Task A_message_reaches_every_node_of_a_line_and_each_once()
    {
        await using TestNode a = await TestNode.StartAsync();
        await using TestNode b = await TestNode.StartAsync(new P2POptions { Connect = [a.Address] });
        await using TestNode c = await TestNode.StartAsync(new P2POptions { Connect = [b.Address] });
        await b.WaitForPeersAsync(2);
        await c.WaitForPeersAsync(1);

        Assert.That(a.Propagate("hello"), Is.True);
        await c.Handler.WaitAsync();

        Assert.That(b.Handler.Texts, Is.EqualTo(new[] { "hello" }));
        Assert.That(c.Handler.Texts, Is.EqualTo(new[] { "hello" }));
        Assert.That(a.Handler.Texts, Is.Empty, "Nobody hears himself.");
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(256)]
    [TestCase(100 * 1024)]
    [TestCase(WireLimits.MaxPayload)]
    public async Task A_payload_of_any_size_arrives_bit_identical_after_three_hops(int size)
    {
        var connectNowhere = new P2POptions { Connect = ["0"] };
        await using TestNode a = await TestNode.StartAsync(connectNowhere);
        await using TestNode b = await TestNode.StartAsync(new P2POptions { Connect = [a.Address] });
        await using TestNode c = await TestNode.StartAsync(new P2POptions { Connect = [b.Address] });
        await using TestNode d = await TestNode.StartAsync(new P2POptions { Connect = [c.Address] });
        await b.WaitForPeersAsync(2);
        await c.WaitForPeersAsync(2);
        await d.WaitForPeersAsync(1);
        byte[] message = RandomNumberGenerator.GetBytes(size);

        a.Node.Propagate(message);
        await d.Handler.WaitAsync();

        Assert.That(d.Handler.Messages, Has.Count.EqualTo(1));
        Assert.That(d.Handler.Messages[0].AsSpan().SequenceEqual(message));
    }
}
