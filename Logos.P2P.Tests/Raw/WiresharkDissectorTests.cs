using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Raw;

/// <summary>
/// <c>tools/wireshark/logos.lua</c> in Wireshark's own tshark, on what passed between sockets. These tests exist where tshark is
/// installed and may capture (root): elsewhere they say so and do not run. CI has it.
/// </summary>
internal sealed partial class WiresharkDissectorTests
{
    private static string Script => Repository.Find("tools", "wireshark", "logos.lua");

    [SetUp]
    public void Require()
    {
        if (!Tshark.CanCapture)
            Assert.Ignore("tshark is not installed (eng/prepare --dev), or this is not root: the tests with it do not run.");
    }

    [Test]
    public async Task Every_frame_that_the_protocol_s_documentation_shows_is_taken_apart_and_well_formed()
    {
        string page = await File.ReadAllTextAsync(Repository.Find("docs", "protocol.md"));
        (string Command, byte[] Frame)[] documented =
        [
            .. FrameInTable().Matches(page).Select(match =>
                (CommandOf(match.Groups[1].Value), Convert.FromHexString(match.Groups[1].Value))),
        ];
        Assert.That(documented, Has.Length.GreaterThan(12));
        byte[] addresses = RawBytes.List(
            RawBytes.AddrV2Entry("192.0.2.7", 14495), RawBytes.AddrV2Entry(4, [.. Enumerable.Repeat((byte)7, 32)], 8333));
        using var directory = new TemporaryDirectory();

        IReadOnlyList<string[]> packets = await CaptureAsync(
            directory,
            [
                .. documented.Select(one => one.Frame), RawBytes.Frame("sendaddrv2", []), RawBytes.Frame("addrv2", addresses),
                RawBytes.Frame("logos", "abc"u8.ToArray()), RawBytes.Frame("direct", "def"u8.ToArray()),
            ],
            "bitcoin",
            "bitcoin.command", "logos.checksum.ok", "_ws.expert", "logos.name", "logos.ms", "logos.size", "logos.label", "logos.key",
            "logos.chunk.size", "logos.chunk.index", "logos.feature", "logos.id", "logos.addr.port", "logos.addr.ipv4", "logos.chunk.id");

        Assert.That(
            packets.Select(packet => packet[0]),
            Is.EqualTo(documented.Select(one => one.Command).Concat(["sendaddrv2", "addrv2", "logos", "direct"])));
        Assert.That(packets.Select(packet => packet[1]), Has.All.EqualTo("1"), "checksums");
        Assert.That(packets.Select(packet => packet[2]), Has.All.Empty, "remarks");
        string[] Of(string command) => packets.First(packet => packet[0] == command);
        foreach (string named in (string[])["have", "want", "late", "early", "coming", "hold", "wantshort", "lackshort", "havechunk", "wantchunk"])
            Assert.That(Of(named)[3], Is.EqualTo("5ed654372acb"), named);
        Assert.That(Of("late")[4], Is.EqualTo("3"));
        Assert.That(Of("early")[4], Is.EqualTo("12"));
        Assert.That(Of("coming")[5], Is.EqualTo("20000"));
        Assert.That(Of("graft")[6], Is.EqualTo("7"));
        Assert.That(Of("wantshort")[7], Is.EqualTo("000102030405060708090a0b0c0d0e0f"));
        Assert.That(Of("chunks")[8], Is.EqualTo("16360"));
        Assert.That(Of("chunks")[5], Is.EqualTo("131072"));
        Assert.That(Of("chunks")[14].Split(','), Has.Length.EqualTo(9));
        Assert.That(Of("havechunk")[9], Is.EqualTo("0,8"));
        Assert.That(Of("feature")[10], Is.EqualTo("logos.relay"));
        Assert.That(Of("logos")[11], Is.EqualTo(Convert.ToHexStringLower(RawBytes.Id("abc"u8.ToArray()))));
        Assert.That(Of("direct")[11], Is.EqualTo(Convert.ToHexStringLower(RawBytes.Id("def"u8.ToArray()))));
        Assert.That(Of("chunk")[14], Is.EqualTo(Convert.ToHexStringLower(RawBytes.Id("abc"u8.ToArray()))));
        Assert.That(Of("addrv2")[12], Is.EqualTo("14495,8333"));
        Assert.That(Of("addrv2")[13], Is.EqualTo("192.0.2.7"));
    }

    [Test]
    public async Task A_wrong_checksum_and_what_is_too_short_are_remarked_on()
    {
        using var directory = new TemporaryDirectory();

        IReadOnlyList<string[]> packets = await CaptureAsync(
            directory,
            [
                RawBytes.Frame("logos", [1, 2, 3], checksum: [1, 2, 3, 4]), RawBytes.Frame("late", [1, 2, 3]),
                RawBytes.Frame("have", [1, 2, 3, 4, 5, 6, 7]), RawBytes.Frame("addrv2", [9, 1, 2]), RawBytes.Frame("feature", [200, 1, 2]),
                RawBytes.Frame("logos", [1, 2, 3]),
            ],
            "bitcoin", "bitcoin.command", "logos.checksum.bad", "logos.malformed");

        Assert.That(
            packets.Select(packet => (packet[0], packet[1].Length > 0, packet[2].Length > 0)),
            Is.EqualTo(new[]
            {
                ("logos", true, false), ("late", false, true), ("have", false, true), ("addrv2", false, true), ("feature", false, true),
                ("logos", false, false),
            }));
    }

    [Test]
    public async Task A_message_is_found_by_its_id_and_how_long_a_relay_had_it_is_the_time_between_its_two_captures()
    {
        using var directory = new TemporaryDirectory();
        await using TestNode relay = await TestNode.StartAsync(new P2POptions { Connect = ["0"] });
        byte[] message = [.. Enumerable.Range(0, 5000).Select(i => (byte)i)];
        byte[] last = Encoding.ASCII.GetBytes("the last packet");
        await using Tshark tshark = await Tshark.CaptureAsync(relay.Endpoint.Port, directory.File("hop.pcapng"), Script);

        await using (TestNode sink = await TestNode.StartAsync(new P2POptions { Connect = [relay.Address] }))
        await using (RawClient source = await RawClient.ConnectReadyAsync(relay.Endpoint.Port))
        {
            await relay.WaitForPeersAsync(2);
            await source.SendAsync("logos", "another"u8.ToArray());
            await source.SendAsync("logos", message);
            await sink.Handler.WaitAsync(2);
            await source.SendAsync("goodbye", last);
            await source.PingAsync();
        }

        await tshark.StopAfterAsync(last);
        string id = Convert.ToHexStringLower(RawBytes.Id(message));
        IReadOnlyList<string[]> found = await tshark.ReadAsync(
            $"logos.id == {string.Join(':', Convert.FromHexString(id).Select(b => b.ToString("x2", CultureInfo.InvariantCulture)))}",
            "frame.number", "frame.time_relative", "logos.copy", "logos.first", "logos.hop.from", "logos.hop.delay", "logos.age");

        Assert.That(found, Has.Count.EqualTo(2), "to the relay, and from it");
        (string[] there, string[] on) = (found[0], found[1]);
        double between = Number(on[1]) - Number(there[1]);
        Assert.That(there[2..7], Is.EqualTo(new[] { "1", "", "", "", "" }));
        Assert.That(on[2..5], Is.EqualTo(new[] { "2", there[0], there[0] }));
        Assert.That(between, Is.Positive);
        Assert.That(Number(on[5]), Is.EqualTo(between).Within(2e-9));
        Assert.That(Number(on[6]), Is.EqualTo(between).Within(2e-9));
        TestContext.Out.WriteLine($"The relay had the message for {between * 1e6:0} microseconds.");
    }

    /// <summary>Sends frames from one socket to another, each in a packet of its own, and has tshark tell of them.</summary>
    private static async Task<IReadOnlyList<string[]>> CaptureAsync(
        TemporaryDirectory directory, IReadOnlyList<byte[]> frames, string filter, params string[] fields)
    {
        using TcpListener listener = RawClient.Listen();
        await using Tshark tshark = await Tshark.CaptureAsync(
            ((IPEndPoint)listener.LocalEndpoint).Port, directory.File("frames.pcapng"), Script);
        using var from = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await from.ConnectAsync(listener.LocalEndpoint);
        using Socket to = await listener.AcceptSocketAsync();
        byte[] buffer = new byte[65_536];
        foreach (byte[] frame in (IEnumerable<byte[]>)[.. frames, RawBytes.Frame("goodbye", "the last packet"u8.ToArray())])
        {
            await from.SendAsync(frame);
            for (int left = frame.Length; left > 0;)
                left -= await to.ReceiveAsync(buffer);
        }

        await tshark.StopAfterAsync("the last packet"u8.ToArray());
        return await tshark.ReadAsync($"{filter} && bitcoin.command != \"goodbye\"", fields);
    }

    private static string CommandOf(string frame) =>
        Encoding.ASCII.GetString(Convert.FromHexString(frame), 4, Commands.FieldSize).TrimEnd('\0');

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\| `[a-z.]+` \| `(fabfb5da[0-9a-f]+)` \|$", RegexOptions.Multiline)]
    private static partial Regex FrameInTable();
}
