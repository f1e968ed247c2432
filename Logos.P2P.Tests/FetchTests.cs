using System.Text;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests;

/// <summary>What an embedder gets who needs messages, between two nodes on loopback.</summary>
internal sealed class FetchTests
{
    private static readonly ShortIdKey Key = new(1, 2);

    private static readonly string[] Texts = ["one", "two", "three"];

    private static readonly MessageId[] Ids = [.. Texts.Select(text => MessageId.Compute(Encoding.UTF8.GetBytes(text)))];

    [Test]
    [Category("Slow")]
    public async Task Whoever_came_later_fetches_what_it_has_missed([Values] bool isShort)
    {
        await using TestNode old = await TestNode.StartAsync();
        await using TestNode witness = await TestNode.StartAsync(addNodes: old.Address);
        await old.WaitForPeersAsync(1);
        foreach (string text in Texts)
            old.Propagate(text);
        await using TestNode young = await TestNode.StartAsync(addNodes: old.Address);
        await young.WaitForPeersAsync(1);
        Assert.That(Resolve(young.Node).Select(id => id.Resolution), Is.All.EqualTo(Resolution.Missing));

        FetchResult result = await (isShort ? FetchShort(young.Node) : young.Node.FetchAsync(Ids, null, TestNode.Patience));

        Assert.That(result.IsComplete);
        Assert.That(result.Messages.Select(message => message.Id), Is.EqualTo(Ids));
        Assert.That(young.Handler.Texts, Is.EquivalentTo(Texts), "The handler has them by then.");
        Assert.That(Resolve(young.Node), Is.EqualTo(Ids.Select(id => new ResolvedId(Resolution.Found, id))));
    }

    [Test]
    public async Task An_id_that_is_named_twice_is_fetched_once()
    {
        await using TestNode node = await TestNode.StartAsync();

        FetchResult result = await node.Node.FetchAsync([Ids[0], Ids[0], Ids[1]], null, TimeSpan.Zero);

        Assert.That(
            result.Messages, Is.EqualTo(new[] { new ResolvedId(Resolution.Missing, Ids[0]), new ResolvedId(Resolution.Missing, Ids[1]) }));
    }

    [Test]
    public async Task Nothing_to_fetch_is_complete()
    {
        await using TestNode node = await TestNode.StartAsync();

        Assert.That((await node.Node.FetchAsync([], null, TimeSpan.FromHours(1)).WaitAsync(TestNode.Patience)).IsComplete);
    }

    [Test]
    public async Task Too_many_messages_or_a_deadline_that_is_past_are_refused()
    {
        await using TestNode node = await TestNode.StartAsync();
        MessageId[] tooMany = [.. Enumerable.Range(0, WireLimits.MaxInventory + 1).Select(i => MessageId.Compute(BitConverter.GetBytes(i)))];

        Assert.That(
            async () => await node.Node.FetchAsync(tooMany, null, TestNode.Patience), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(
            async () => await node.Node.FetchAsync(Ids, null, TimeSpan.FromTicks(-1)), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public async Task A_node_that_does_not_run_has_nothing_and_fetches_nothing_and_what_it_fetches_ends_when_it_stops()
    {
        TestNode node = await TestNode.StartAsync();
        Task<FetchResult> fetch = node.Node.FetchAsync(Ids, null, TimeSpan.FromHours(1));

        await node.DisposeAsync();

        Assert.That((await fetch.WaitAsync(TestNode.Patience)).IsComplete, Is.False);
        Assert.That(Resolve(node.Node).Select(id => id.Resolution), Is.All.EqualTo(Resolution.Missing));
        Assert.That(async () => await node.Node.FetchAsync(Ids, null, TestNode.Patience), Throws.InvalidOperationException);
    }

    private static IReadOnlyList<ResolvedId> Resolve(P2PNode node)
    {
        Assert.That(ShortIds.TryRead(ShortIds.Encode(Ids, Key), out ShortIdList list));
        return node.Resolve(list, Key);
    }

    private static Task<FetchResult> FetchShort(P2PNode node)
    {
        Assert.That(ShortIds.TryRead(ShortIds.Encode(Ids, Key), out ShortIdList list));
        return node.FetchAsync(list, Key, null, TestNode.Patience);
    }
}
