using Logos.P2P.Tests.Conformance;
using Logos.P2P.Tests.Raw;
using Logos.P2P.Tests.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Diagnostics;

/// <summary>Nodes on real sockets that run with <c>-capturemessages</c>.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class MessageCaptureTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private P2POptions Capturing => new() { DataDirectory = _directory.Path, CaptureMessages = true, Connect = ["0"] };

    public void Dispose() => _directory.Dispose();

    [Test]
    [Conformance("W11")]
    public async Task What_a_peer_sends_and_is_sent_is_in_its_files_in_its_order()
    {
        await using TestNode node = await TestNode.StartAsync(Capturing);
        await using RawClient client = await RawClient.ConnectAsync(node.Endpoint.Port);
        byte[] large = new TestRandom(1).Bytes(300_000);
        (string Command, byte[] Payload)[] sent =
        [
            ("version", RawBytes.Version()), ("sendaddrv2", []), ("verack", []), ("logos", [1]), ("logos", large), ("ping", RawBytes.U64(7)),
        ];
        foreach ((string command, byte[] payload) in sent)
            await client.SendAsync(command, payload);
        await client.SendAsync("unheardof", 2);
        await client.SendBytesAsync(RawBytes.Frame("logos", [3], checksum: [1, 2, 3, 4]));
        await client.SendAsync("ping", RawBytes.U64(8));
        var got = new List<(string Command, byte[] Payload)>();
        await ReadUntilAsync("pong");
        await ReadUntilAsync("pong");
        Assert.That(node.Node.Propagate("to all"u8));
        await ReadUntilAsync("logos");
        await node.Node.StopAsync();

        Assert.That(got.Select(message => message.Command), Is.SupersetOf(new[] { "version", "verack", "ping", "pong", "logos" }));
        Assert.That(
            CapturedFile.Read(FileOf(client, "msgs_recv.dat")), Is.EqualTo(sent.Append(("ping", RawBytes.U64(8)))),
            "What the node does not read is not there.");
        Assert.That(CapturedFile.Read(FileOf(client, "msgs_sent.dat")).Take(got.Count), Is.EqualTo(got));

        async Task ReadUntilAsync(string command)
        {
            do
            {
                RawMessage message = await client.ReadAsync();
                got.Add((message.Command, message.Payload));
            }
            while (got[^1].Command != command);
        }
    }

    [Test]
    [Conformance("W11")]
    public async Task Both_ends_of_a_connection_write_down_the_same()
    {
        await using TestNode listener = await TestNode.StartAsync(Capturing with { DataDirectory = _directory.File("listener") });
        await using TestNode dialler = await TestNode.StartAsync(
            Capturing with { DataDirectory = _directory.File("dialler") }, null, listener.Address);
        await dialler.WaitForPeersAsync(1);
        await listener.WaitForPeersAsync(1);
        var random = new TestRandom(1);
        byte[][] messages = [.. Enumerable.Range(0, 200).Select(number => random.Bytes(8 << (number % 16)))];
        foreach (byte[] message in messages)
            Assert.That(dialler.Node.Propagate(message));
        await listener.Handler.WaitAsync(messages.Length);
        await dialler.Node.StopAsync();
        await listener.Node.StopAsync();

        List<(string Command, byte[] Payload)> left = FilesOf("dialler", "msgs_sent.dat"), arrived = FilesOf("listener", "msgs_recv.dat");
        Assert.That(left.Where(message => message.Command == "logos").Select(message => message.Payload), Is.EquivalentTo(messages));
        // Both stopped at once: the last of what was sent may not have been read.
        Assert.That(arrived.Count(message => message.Command == "logos"), Is.EqualTo(messages.Length));
        Assert.That(arrived, Is.EqualTo(left.Take(arrived.Count)));
    }

    [Test]
    public void It_needs_a_data_directory() => Assert.That(
        () => new P2PNode(new P2POptions { CaptureMessages = true }, new RecordingHandler()),
        Throws.ArgumentException.With.Message.EqualTo("-capturemessages: needs a data directory to write to; name one with -datadir."));

    private string FileOf(RawClient client, string name) => _directory.File(
        "regtest", "message_capture", client.LocalEndPoint.ToString().Replace(':', '_'), name);

    private List<(string Command, byte[] Payload)> FilesOf(string node, string name) =>
        CapturedFile.Read(Directory.GetFiles(_directory.File(node), name, SearchOption.AllDirectories).Single());
}
