using System.Diagnostics;
using Logos.P2P.AddrMan;
using Logos.P2P.Storage;
using Logos.P2P.Tests.Node;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Discovery;

/// <summary>
/// A node whose cable is pulled: that nobody answers then says nothing about those who do not, and it is back soon after
/// the cable is. Two namespaces with a cable between them: the node in one, three others in the other.
/// </summary>
[RequiresNamespaces]
internal sealed class LinkTests
{
    private static readonly string[] Hosts = ["10.77.0.11", "10.77.0.12", "10.77.0.13"];

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_node_that_starts_without_a_link_is_connected_soon_after_it_is_there_and_blames_nobody(
        bool isOwnEnd)
    {
        await using Site site = await Site.CreateAsync();
        await using (ProgramProcess before = site.StartNode($"-fixedseedsfile={site.SeedsFile}"))
        {
            await Site.WaitForAllAsync(before);
            Assert.That(await before.StopAsync(), Is.Zero);
        }

        await site.SetLinkAsync(isOwnEnd, isUp: false);
        await using ProgramProcess node = site.StartNode();
        await node.Errors.WaitForAsync("Could not connect", 3);
        await site.SetLinkAsync(isOwnEnd, isUp: true);

        await BlamesNobodyAsync(site, node, Stopwatch.GetTimestamp());
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_node_that_loses_its_link_is_connected_again_soon_after_it_is_back_and_blames_nobody(bool isOwnEnd)
    {
        await using Site site = await Site.CreateAsync();
        await using ProgramProcess node = site.StartNode($"-fixedseedsfile={site.SeedsFile}");
        await Site.WaitForAllAsync(node);

        await site.SetLinkAsync(isOwnEnd, isUp: false);
        // The system's part of noticing it, which takes minutes.
        await site.Near.ExecuteAsync("ss", "--kill", "state", "established", "dst", "10.77.0.0/24");
        await node.Errors.WaitForAsync("Could not connect", 3);
        await site.SetLinkAsync(isOwnEnd, isUp: true);

        await BlamesNobodyAsync(site, node, Stopwatch.GetTimestamp());
    }

    private static async Task BlamesNobodyAsync(Site site, ProgramProcess node, long linkIsBack)
    {
        int before = node.Errors.Lines.Count(line => line.Contains("is ready", StringComparison.Ordinal));
        await node.Errors.WaitForAsync("is ready", before + 1);
        Assert.That(Stopwatch.GetElapsedTime(linkIsBack), Is.LessThan(TimeSpan.FromSeconds(15)));
        Assert.That(await node.StopAsync(), Is.Zero);
        Assert.That(site.ReadBook().Select(entry => entry.Attempts), Has.Exactly(Hosts.Length).Items.And.All.Zero);
    }

    private sealed class Site : IAsyncDisposable
    {
        private const string Host = "10.77.0.1";

        private readonly TemporaryDirectory _directory = new();
        private readonly List<ProgramProcess> _members = [];

        private Site(NetworkNamespace near, NetworkNamespace far) => (Near, Far) = (near, far);

        /// <summary>Where the node is.</summary>
        public NetworkNamespace Near { get; }

        /// <summary>Where the others are.</summary>
        public NetworkNamespace Far { get; }

        /// <summary>A list of the others.</summary>
        public string SeedsFile => _directory.File("seeds");

        public static async Task<Site> CreateAsync()
        {
            var site = new Site(await NetworkNamespace.CreateAsync(), await NetworkNamespace.CreateAsync());
            await site.Near.ConnectAsync(site.Far);
            await site.Near.IPAsync("address", "add", $"{Host}/24", "dev", "cable");
            await File.WriteAllLinesAsync(site.SeedsFile, Hosts);
            foreach (string host in Hosts)
            {
                await site.Far.IPAsync("address", "add", $"{host}/24", "dev", "cable");
                // They only answer: who dials is the node.
                site._members.Add(site.Far.StartNode(host, site._directory.File(host), "-connect=0"));
                await site._members[^1].Errors.WaitForAsync("Listening on");
            }

            return site;
        }

        public static async Task WaitForAllAsync(ProgramProcess node)
        {
            foreach (string host in Hosts)
                await node.Errors.WaitForAsync($"is ready (Outbound, {host}:14497");
        }

        public ProgramProcess StartNode(params string[] arguments) =>
            Near.StartNode(Host, _directory.File("node"), ["-debug", .. arguments]);

        public Task SetLinkAsync(bool isOwnEnd, bool isUp) => (isOwnEnd ? Near : Far).SetCableAsync(isUp);

        /// <summary>The node's book, as it wrote it when it stopped.</summary>
        public AddressEntry[] ReadBook()
        {
            using LmdbStore store = LmdbStore.OpenReadOnly(Path.Combine(_directory.File("node"), "regtest"), P2PNetwork.Regtest);
            return [.. store.LoadAddresses().Entries];
        }

        public async ValueTask DisposeAsync()
        {
            foreach (ProgramProcess member in _members)
                await member.DisposeAsync();
            await Near.DisposeAsync();
            await Far.DisposeAsync();
            _directory.Dispose();
        }
    }
}
