using Logos.P2P.Testnet;
using NUnit.Framework;

namespace Logos.P2P.Tests.Testnet;

/// <summary>Who dials whom, and the plan made of it.</summary>
internal sealed class RandomGraphTests
{
    [Test]
    public void Each_node_dials_so_many_others_and_no_two_dial_each_other([Values(40, 100)] int nodes, [Values(1, 8)] int degree)
    {
        IReadOnlyList<int>[] dials = RandomGraph.Draw(nodes, degree, new Random(1));

        Assert.That(dials.Select(others => others.Count), Is.All.EqualTo(degree));
        for (int node = 0; node < nodes; node++)
        {
            Assert.That(dials[node], Is.Unique.And.All.InRange(0, nodes - 1).And.None.EqualTo(node));
            Assert.That(dials[node].Where(other => dials[other].Contains(node)), Is.Empty);
        }
    }

    [Test]
    public void A_small_network_is_complete()
    {
        IReadOnlyList<int>[] dials = RandomGraph.Draw(6, 8, new Random(1));

        Assert.That(dials.Sum(others => others.Count), Is.EqualTo(15));
    }

    [Test]
    public void However_few_the_links_a_path_leads_from_each_node_to_every_other([Range(1, 20)] int seed)
    {
        IReadOnlyList<int>[] dials = RandomGraph.Draw(12, 1, new Random(seed));

        HashSet<int> reached = [0];
        while (reached.Count < 12)
        {
            int[] next = [.. Enumerable.Range(0, 12).Where(node => !reached.Contains(node)
                && (dials[node].Any(reached.Contains) || reached.Any(other => dials[other].Contains(node))))];
            Assert.That(next, Is.Not.Empty);
            reached.UnionWith(next);
        }
    }

    [Test]
    public void The_graph_is_a_function_of_the_seed()
    {
        IReadOnlyList<int>[] once = RandomGraph.Draw(30, 3, new Random(1));

        Assert.That(RandomGraph.Draw(30, 3, new Random(1)), Is.EqualTo(once));
        Assert.That(RandomGraph.Draw(30, 3, new Random(2)), Is.Not.EqualTo(once));
    }

    [Test]
    public void With_a_proxy_every_link_has_a_port_of_its_own_and_without_the_other_nodes_is_dialled()
    {
        var options = new TestnetOptions { Nodes = 10, Degree = 2, Proxy = true };
        TestnetPlan plan = TestnetPlan.Create(options, count => [.. Enumerable.Range(1000, count)]);

        Assert.That(plan.Links, Has.Count.EqualTo(20));
        Assert.That(
            plan.Links.Select(link => link.Port).Concat(plan.Nodes.SelectMany(node => new[] { node.Port, node.RpcPort })),
            Is.Unique);
        foreach (var link in plan.Links)
        {
            Assert.That(plan.Nodes[link.From].Dials, Does.Contain(link.To));
            Assert.That(plan.PortFor(link.From, link.To), Is.EqualTo(link.Port));
            Assert.That(plan.NodeBehind(link.Port), Is.EqualTo(link.To));
            Assert.That(link.TargetPort, Is.EqualTo(plan.Nodes[link.To].Port));
        }

        TestnetPlan direct = TestnetPlan.Create(options with { Proxy = false }, count => [.. Enumerable.Range(1000, count)]);
        Assert.That(direct.Links, Is.Empty);
        Assert.That(direct.PortFor(3, 4), Is.EqualTo(direct.Nodes[4].Port));
        Assert.That(direct.NodeBehind(direct.Nodes[4].Port), Is.EqualTo(4));
        Assert.That(direct.NodeBehind(999), Is.Null);
    }
}
