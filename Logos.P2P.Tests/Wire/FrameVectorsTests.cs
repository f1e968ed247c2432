using System.Buffers;
using System.Text.Json;
using Logos.P2P.Tests.Conformance;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Wire;

/// <summary>
/// Vectors/frames.json: frames that another implementation of the wire made, and what bad ones get. Whoever writes a
/// node in another language tests it with the same file.
/// </summary>
public sealed class FrameVectorsTests
{
    private static readonly JsonElement Vectors = Load();

    private static readonly TestCaseData[] Valid =
    [
        .. Vectors.GetProperty("valid").EnumerateArray().Select((entry, i) => new TestCaseData(
            Enum.Parse<P2PNetwork>(Text(entry, "network"), ignoreCase: true),
            Text(entry, "command"),
            Text(entry, "payload"),
            Text(entry, "id"),
            Text(entry, "frame"))
            .SetArgDisplayNames($"{i}: {Text(entry, "network")} {Text(entry, "command")}")),
    ];

    private static readonly TestCaseData[] Invalid =
    [
        .. Vectors.GetProperty("invalid").EnumerateArray().Select(entry =>
            new TestCaseData(Text(entry, "why"), Text(entry, "bytes"), Text(entry, "then"))
            .SetArgDisplayNames(Text(entry, "why"))),
    ];

    /// <summary>What exactly each bad frame of the file gets. None: its codec finds the payload malformed.</summary>
    private static readonly Dictionary<string, FrameError> Errors = new()
    {
        ["wrong magic"] = FrameError.WrongMagic,
        ["checksum off by one bit"] = FrameError.BadChecksum,
        ["byte after NUL in command"] = FrameError.BadCommand,
        ["control byte in command"] = FrameError.BadCommand,
        ["length 4,000,001"] = FrameError.Oversize,
        ["length 2^32-1"] = FrameError.Oversize,
        ["ping of 9 bytes"] = FrameError.Oversize,
        ["verack with a byte"] = FrameError.Oversize,
        ["addr with non-canonical count"] = FrameError.None,
        ["addr shorter than its count"] = FrameError.None,
        ["Bitcoin's checksum (SHA256d)"] = FrameError.BadChecksum,
    };

    [Test]
    public void The_file_has_every_command_that_needs_no_feature()
    {
        IEnumerable<string> commands = Valid.Select(v => (string)v.Arguments[1]!).Distinct();

        Assert.That(commands, Is.EquivalentTo(
            Enum.GetValues<Command>().Where(c => c is > Command.Other and < Command.Have).Select(c => c.Name())));
    }

    [TestCaseSource(nameof(Valid))]
    public void A_valid_frame_is_read(P2PNetwork network, string command, string payload, string id, string frame)
    {
        FrameReadResult result = Read(network, WireBytes.Hex(frame));

        Assert.Multiple(() =>
        {
            Assert.That((result.Status, result.Error), Is.EqualTo((FrameReadStatus.Frame, FrameError.None)));
            Assert.That(result.Frame!.Command.Name(), Is.EqualTo(command));
            Assert.That(WireBytes.Hex(result.Frame.Payload), Is.EqualTo(payload));
            Assert.That(result.Frame.Id.ToString(), Is.EqualTo(id));
            Assert.That(WireBytes.Hex(result.Frame.Memory.Span), Is.EqualTo(frame));
        });
    }

    [TestCaseSource(nameof(Valid))]
    public void What_a_valid_frame_says_is_said_in_the_same_bytes(
        P2PNetwork network, string command, string payload, string id, string frame)
    {
        Frame read = Read(network, WireBytes.Hex(frame)).Frame!;

        Frame written = DecodeAndEncode(read, new FramePool(network));

        Assert.That(written.Command.Name(), Is.EqualTo(command));
        Assert.That(WireBytes.Hex(written.Payload), Is.EqualTo(payload));
        Assert.That(written.Id.ToString(), Is.EqualTo(id));
        Assert.That(WireBytes.Hex(written.Memory.Span), Is.EqualTo(frame));
    }

    [TestCaseSource(nameof(Valid))]
    public void A_valid_frame_is_a_strangers_on_every_other_network(
        P2PNetwork network, string command, string payload, string id, string frame)
    {
        foreach (P2PNetwork other in Enum.GetValues<P2PNetwork>().Where(n => n != network))
        {
            FrameReadResult result = Read(other, WireBytes.Hex(frame));
            Assert.That((result.Status, result.Error), Is.EqualTo((FrameReadStatus.Violation, FrameError.WrongMagic)),
                $"{command} {id} ({payload.Length / 2} bytes)");
        }
    }

    [TestCaseSource(nameof(Invalid))]
    [Conformance("W12")]
    public void An_invalid_frame_gets_what_it_deserves(string why, string hex, string then)
    {
        Assert.That(Errors, Does.ContainKey(why), "A new vector needs its error in the table.");
        FrameError expected = Errors[why];

        FrameReadResult result = Read(P2PNetwork.Regtest, WireBytes.Hex(hex));

        Assert.That(result.Error, Is.EqualTo(expected));
        if (expected == FrameError.None)
        {
            Assert.That(then, Is.EqualTo("drop"));
            Assert.That(
                AddressListCodec.TryRead(result.Frame!.Payload, v2: false, []), Is.EqualTo(DecodeStatus.Malformed));
        }
        else
        {
            Assert.That(result.Status,
                Is.EqualTo(then == "disconnect" ? FrameReadStatus.Violation : FrameReadStatus.Dropped));
        }
    }

    [Test]
    public void The_sizes_on_the_wire_are_Bitcoins()
    {
        var pool = new FramePool(P2PNetwork.Main);
        MessageId[] noIds = [];
        TimedAddress[] noAddresses = [];

        Assert.Multiple(() =>
        {
            Assert.That(pool.Create(Command.Verack).Length, Is.EqualTo(24), "verack");
            Assert.That(pool.Create(Command.GetAddr).Length, Is.EqualTo(24), "getaddr");
            Assert.That(pool.Create(noAddresses, v2: false).Length, Is.EqualTo(25), "addr");
            Assert.That(pool.Create(Command.Inv, noIds).Length, Is.EqualTo(25), "inv");
            Assert.That(pool.Create(Command.GetData, noIds).Length, Is.EqualTo(25), "getdata");
            Assert.That(pool.Create(Command.NotFound, noIds).Length, Is.EqualTo(25), "notfound");
            Assert.That(pool.Create(Command.Ping, 1).Length, Is.EqualTo(32), "ping");
            Assert.That(pool.Create(Command.Pong, 1).Length, Is.EqualTo(32), "pong");
        });
    }

    [Test]
    public void Bitcoins_frames_differ_from_ours_in_the_checksum_alone()
    {
        var pool = new FramePool(P2PNetwork.Main);

        string verack = WireBytes.Hex(pool.Create(Command.Verack).Memory.Span);
        string ping = WireBytes.Hex(pool.Create(Command.Ping, 0x0102030405060708).Memory.Span);

        Assert.That(verack, Is.EqualTo("f9beb4d976657261636b00000000000000000000" + "0e5751c0"));
        Assert.That(ping, Is.EqualTo("f9beb4d970696e67000000000000000008000000"
            + WireBytes.Hex(MessageId.Compute(WireBytes.Hex("0807060504030201")).Bytes[..4]) + "0807060504030201"));
    }

    [TestCase("f9beb4d976657261636b000000000000000000005df6e0e2")]
    [TestCase("f9beb4d970696e670000000000000000080000003b5a75130807060504030201")]
    public void A_Bitcoin_nodes_frame_fails_the_checksum(string frame)
    {
        FrameReadResult result = Read(P2PNetwork.Main, WireBytes.Hex(frame));

        Assert.That((result.Status, result.Error), Is.EqualTo((FrameReadStatus.Dropped, FrameError.BadChecksum)));
    }

    private static Frame DecodeAndEncode(Frame frame, FramePool pool)
    {
        switch (frame.Command)
        {
            case Command.Version:
                AssertOk(VersionMessage.TryRead(frame.Payload, out VersionMessage? version));
                return pool.Create(version!);
            case Command.Feature:
                AssertOk(FeatureMessage.TryRead(frame.Payload, out FeatureMessage feature));
                return pool.Create(feature);
            case Command.Addr or Command.AddrV2:
                bool v2 = frame.Command == Command.AddrV2;
                List<TimedAddress> addresses = [];
                AssertOk(AddressListCodec.TryRead(frame.Payload, v2, addresses));
                return pool.Create(addresses.ToArray(), v2);
            case Command.Ping or Command.Pong:
                AssertOk(PingCodec.TryRead(frame.Payload, out ulong nonce));
                return pool.Create(frame.Command, nonce);
            case Command.Inv or Command.GetData or Command.NotFound:
                AssertOk(InventoryCodec.TryRead(frame.Payload, out InventoryList list));
                var ids = new MessageId[list.Count];
                for (int i = 0; i < ids.Length; i++)
                {
                    Assert.That(list[i].Type, Is.EqualTo(InventoryCodec.LogosType));
                    ids[i] = list[i].Id;
                }

                return pool.Create(frame.Command, ids);
            case Command.Verack or Command.SendAddrV2 or Command.GetAddr:
                Assert.That(frame.PayloadLength, Is.Zero);
                return pool.Create(frame.Command);
            default:
                return pool.Create(frame.Command, frame.Payload);
        }
    }

    private static void AssertOk(DecodeStatus status) => Assert.That(status, Is.EqualTo(DecodeStatus.Ok));

    private static FrameReadResult Read(P2PNetwork network, byte[] bytes)
    {
        using var reader = new FrameReader(new FramePool(network)) { IsHandshakeComplete = true };
        var input = new ReadOnlySequence<byte>(bytes);
        return reader.Read(ref input);
    }

    private static string Text(JsonElement entry, string name) => entry.GetProperty(name).GetString()!;

    private static JsonElement Load()
    {
        string path = Path.Combine(TestContext.CurrentContext.TestDirectory, "Vectors", "frames.json");
        using var document = JsonDocument.Parse(File.ReadAllText(path));
        return document.RootElement.Clone();
    }
}
