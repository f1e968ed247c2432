using System.Globalization;
using System.Text.RegularExpressions;
using Logos.P2P.Storage;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Native;

/// <summary>Programs in C as processes of their own, with each other and with nodes in .NET.</summary>
internal sealed partial class ProcessTests
{
    private const int Starts = 10;

    private readonly TemporaryDirectory _directory = new();
    private string _program = "";

    [OneTimeSetUp]
    public void Compile()
    {
        _program = _directory.File("peer");
        NativeBuild.Compile(NativeBuild.Source("peer.c"), "c11", _program);
    }

    [OneTimeTearDown]
    public void Remove() => _directory.Dispose();

    [Test]
    public async Task Two_processes_in_C_talk_both_ways()
    {
        await using NativeProcess a = await NativeProcess.StartAsync(_program, "-connect=0");
        await using NativeProcess b = await NativeProcess.StartAsync(_program, $"-connect={a.Address}");
        await a.WaitForPeersAsync(1);
        await b.WaitForPeersAsync(1);

        a.Write("from a");
        Assert.That(await b.ReadAsync(), Is.EqualTo("from a"));
        b.Write("from b");
        Assert.That(await a.ReadAsync(), Is.EqualTo("from b"));
    }

    [Test]
    public async Task A_node_in_NET_and_nodes_in_C_are_one_network()
    {
        await using TestNode net = await TestNode.StartRelayAsync(RelayMode.Tree);
        await using NativeProcess middle = await NativeProcess.StartAsync(_program, $"-connect={net.Address}");
        await using TestNode far = await TestNode.StartRelayAsync(RelayMode.Tree, null, middle.Address);
        await middle.WaitForPeersAsync(2);
        await net.WaitForPeersAsync(1);
        await far.WaitForPeersAsync(1);

        Assert.That(net.Propagate("from .NET"), Is.True);
        await far.Handler.WaitAsync();
        Assert.That(far.Handler.Texts, Is.EqualTo(new[] { "from .NET" }));
        Assert.That(await middle.ReadAsync(), Is.EqualTo("from .NET"));

        middle.Write("from C");
        await far.Handler.WaitAsync();
        await net.Handler.WaitAsync();
        Assert.That(net.Handler.Texts, Is.EqualTo(new[] { "from C" }));
    }

    [Test]
    public void A_node_listens_within_50_ms_of_its_making()
    {
        double[] times =
        [
            .. from _ in Enumerable.Range(0, Starts)
               let output = NativeBuild.Run(TestNode.Patience, _program, ["-regtest", "-bind=127.0.0.1", "-port=0", "-connect=0"]).Output
               select double.Parse(StartTime().Match(output).Groups[1].Value, CultureInfo.InvariantCulture),
        ];
        TestContext.Out.WriteLine($"create to listening: {string.Join(", ", times)} ms");

        // The machine may be busy; at least once it is not.
        Assert.That(times.Min(), Is.LessThan(50));
    }

    [GeneratedRegex(@"create to listening: ([\d.]+) ms")]
    private static partial Regex StartTime();

    [Test]
    public async Task What_a_program_in_C_keeps_a_node_in_NET_can_read()
    {
        string data = _directory.File("data");
        await using (NativeProcess first = await NativeProcess.StartAsync(_program, "-connect=0", $"-datadir={data}"))
        {
            Assert.That(first.Port, Is.Not.Zero);
        }

        Assert.That(P2PNode.ReadStoredAddresses(data, P2PNetwork.Regtest), Is.Empty);
        Assert.That(AddressBookFiles.HasDatabase(data, P2PNetwork.Regtest), Is.True);
    }
}
