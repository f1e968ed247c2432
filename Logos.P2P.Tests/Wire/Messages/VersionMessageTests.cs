using System.Text;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Wire;

public sealed class VersionMessageTests
{
    /// <summary>BIP14-era example of btcd: version 60002, agent "/btcdtest:0.0.1/", height 234234.</summary>
    private const string Historic = "62ea0000 0100000000000000 29ab5f4900000000"
        + "0100000000000000 00000000000000000000ffffc0a80001 208d"
        + "0100000000000000 00000000000000000000ffff7f000001 208d"
        + "f3e0010000000000 10 2f627463647465 73743a302e302e312f fa920300";

    internal static readonly VersionMessage Example = new()
    {
        ProtocolVersion = ProtocolVersion.Current,
        Services = Services.Logos,
        Time = 0x6AFFF96E,
        Receiver = new NetEndpoint(NetAddress.FromV1(WireBytes.Hex("00000000000000000000ffffcb007107")), 14495),
        Nonce = 0x1122334455667788,
        UserAgent = "/LogosP2P:0.1.0/",
    };

    [Test]
    public void The_fields_are_where_Bitcoin_has_them()
    {
        DecodeStatus status = VersionMessage.TryRead(WireBytes.Hex(Historic + "00"), out VersionMessage? message);

        Assert.That(status, Is.EqualTo(DecodeStatus.Ok));
        Assert.That(message, Is.EqualTo(new VersionMessage
        {
            ProtocolVersion = 60002,
            Services = (Services)1,
            Time = 1231006505,
            Receiver = new NetEndpoint(NetAddress.FromV1(WireBytes.Hex("00000000000000000000ffffc0a80001")), 8333),
            Nonce = 123123,
            UserAgent = "/btcdtest:0.0.1/",
            StartHeight = 234234,
            Relay = false,
        }));
    }

    [TestCase("", true)]
    [TestCase("00", false)]
    [TestCase("01", true)]
    [TestCase("02", true)]
    [TestCase("00ffffff", false)]
    public void What_comes_after_the_height_is_optional(string hex, bool relay)
    {
        Assert.That(VersionMessage.TryRead(WireBytes.Hex(Historic + hex), out VersionMessage? message),
            Is.EqualTo(DecodeStatus.Ok));
        Assert.That(message!.Relay, Is.EqualTo(relay));
    }

    [Test]
    public void A_message_cut_short_is_malformed()
    {
        byte[] whole = WireBytes.Hex(Historic);
        for (int length = 0; length < whole.Length; length++)
        {
            DecodeStatus status = VersionMessage.TryRead(whole.AsSpan(0, length), out VersionMessage? message);
            Assert.That(status, Is.EqualTo(DecodeStatus.Malformed), $"{length} bytes");
            Assert.That(message, Is.Null, $"{length} bytes");
        }
    }

    [TestCase(256, DecodeStatus.Ok)]
    [TestCase(257, DecodeStatus.Malformed)]
    public void A_user_agent_has_at_most_256_bytes(int length, DecodeStatus expected)
    {
        byte[] bytes = WireBytes.Concat(
            new byte[80], [0xFD, (byte)length, (byte)(length >> 8)], new byte[length], new byte[4]);

        Assert.That(VersionMessage.TryRead(bytes, out _), Is.EqualTo(expected));
    }

    [TestCase("ffffffffffffffffff")]
    [TestCase("feffffff7f")]
    [TestCase("fd0100")]
    public void A_user_agent_with_an_absurd_length_is_malformed(string length)
    {
        byte[] bytes = WireBytes.Concat(new byte[80], WireBytes.Hex(length), new byte[300]);

        Assert.That(VersionMessage.TryRead(bytes, out _), Is.EqualTo(DecodeStatus.Malformed));
    }

    [Test]
    public void The_94_bytes_of_the_first_Logos_nodes_are_not_understood()
    {
        // They put four bytes of time into both addresses, so that their nonce is where the agent's length should be.
        byte[] bytes = WireBytes.Hex("1127 0000 0100000000000000 29ab5f4900000000"
            + "00000000 0100000000000000 00000000000000000000ffffc0a80001 389f"
            + "00000000 0100000000000000 00000000000000000000ffff7f000001 389f"
            + "f3e0010000000000 00 00000000 01");

        Assert.That(bytes, Has.Length.EqualTo(94));
        Assert.That(VersionMessage.TryRead(bytes, out _), Is.EqualTo(DecodeStatus.Malformed));
    }

    [Test]
    public void The_senders_own_address_is_never_written()
    {
        byte[] bytes = new byte[Example.GetSize()];
        Array.Fill(bytes, (byte)0xEE);

        Example.Write(bytes);

        Assert.That(WireBytes.Hex(bytes), Is.EqualTo(
            "81110100" + "0000000100000000" + "6ef9ff6a00000000"
            + "0000000000000000" + "00000000000000000000ffffcb007107" + "389f"
            + "0000000000000000" + "00000000000000000000000000000000" + "0000"
            + "8877665544332211" + "10" + WireBytes.Hex("/LogosP2P:0.1.0/"u8) + "00000000" + "01"));
    }

    [Test]
    public void A_message_survives_writing_and_reading()
    {
        foreach (VersionMessage message in (VersionMessage[])
            [
                Example,
                Example with { UserAgent = "" },
                Example with { UserAgent = new string('\u00FF', 256) },
                Example with { Receiver = NetEndpoint.None, Relay = false, StartHeight = -1, Time = long.MinValue },
                Example with { Services = (Services)ulong.MaxValue, Nonce = ulong.MaxValue, ProtocolVersion = -1 },
            ])
        {
            byte[] bytes = new byte[message.GetSize()];
            message.Write(bytes);

            Assert.That(VersionMessage.TryRead(bytes, out VersionMessage? read), Is.EqualTo(DecodeStatus.Ok));
            Assert.That(read, Is.EqualTo(message));
        }
    }

    [Test]
    public void A_user_agent_beyond_Latin_1_fills_its_bytes_all_the_same()
    {
        VersionMessage message = Example with { UserAgent = "a\U0001F600\u4E2Db" };
        byte[] bytes = new byte[message.GetSize()];
        Array.Fill(bytes, (byte)0xEE);

        message.Write(bytes);

        Assert.That(VersionMessage.TryRead(bytes, out VersionMessage? read), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(read!.UserAgent, Is.EqualTo("a???b"), "No byte of the buffer's past may go out.");
    }

    [Test]
    public void A_receiver_that_has_no_v1_form_is_written_as_zero()
    {
        Assert.That(NetAddress.TryCreate(NetworkId.TorV3, new byte[32], out NetAddress onion));
        VersionMessage message = Example with { Receiver = new NetEndpoint(onion, 80) };
        byte[] bytes = new byte[message.GetSize()];

        message.Write(bytes);

        VersionMessage.TryRead(bytes, out VersionMessage? read);
        Assert.That(read!.Receiver, Is.EqualTo(new NetEndpoint(NetAddress.None, 80)));
    }

    [Test]
    public void A_user_agent_is_one_char_a_byte()
    {
        byte[] bytes = WireBytes.Concat(new byte[80], [3, 0x41, 0xE9, 0x00], new byte[4]);

        VersionMessage.TryRead(bytes, out VersionMessage? message);

        Assert.That(message!.UserAgent, Is.EqualTo("A\u00E9\0"));
        Assert.That(Encoding.Latin1.GetBytes(message.UserAgent), Is.EqualTo(new byte[] { 0x41, 0xE9, 0 }));
    }

    [Test]
    public void A_user_agent_is_made_harmless_before_it_is_shown()
    {
        // Not a table of cases: one with a control character in its name is never run.
        foreach ((string userAgent, string sanitized) in ((string, string)[])
            [
                ("/LogosP2P:0.1.0/", "/LogosP2P:0.1.0/"),
                ("/a:1(x; y, z)_-?@./", "/a:1(x; y, z)_-?@./"),
                ("\u001b[31mred\r\n", "31mred"),
                ("<script>\"'&`$\\</script>", "script/script"),
                ("\u00E9\u0000\u007F\u0085\u00FF", ""),
                ("", ""),
            ])
        {
            Assert.That((Example with { UserAgent = userAgent }).SanitizedUserAgent, Is.EqualTo(sanitized));
        }
    }

    [Test]
    public void A_version_message_of_btcds_size_is_125_bytes_on_the_wire_without_the_relay_flag()
    {
        Frame frame = new FramePool(P2PNetwork.Main).Create(Example);

        Assert.That(frame.Length, Is.EqualTo(125 + 1));
    }
}
