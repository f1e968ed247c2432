using System.Buffers;
using Logos.P2P.Tests.Conformance;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Wire;

public sealed class FrameReaderTests
{
    private static readonly byte[] Nonce = WireBytes.Hex("0102030405060708");
    private static readonly byte[] Ping = WireBytes.Frame("ping", Nonce);

    private static readonly string[] WrongMagics =
    [
        "00000000", "f9beb4d9", "0b110907", "fabfb5db", "fbbfb5da", "dab5bffa", "47455420", "ffffffff",
    ];

    /// <summary>Claimed lengths that are refused at the header.</summary>
    private static readonly TestCaseData[] Oversize =
    [
        new("ping", 9U),
        new("pong", 9U),
        new("verack", 1U),
        new("sendaddrv2", 1U),
        new("getaddr", 1U),
        new("getaddr", 1_048_576U),
        new("version", 1025U),
        new("feature", 601U),
        new("addr", 30_004U),
        new("addrv2", 531_004U),
        new("inv", 1_800_004U),
        new("getdata", 1_800_004U),
        new("notfound", 1_800_004U),
        new("logos", 4_000_001U),
        new("direct", 4_000_001U),
        new("unknown", 4_000_001U),
        new("bad\0name", 4_000_001U),
        new("logos", 0x7FFFFFFFU),
        new("logos", 0x80000000U),
        new("logos", 0xFFFFFFFFU),
    ];

    private static readonly TestCaseData[] BadCommands =
    [
        new("error\0\0\0\0\0\0x"),
        new("ping\0\0\0x"),
        new("p\aing"),
        new("p\u00EFng"),
    ];

    private static readonly int[] ChunkSizes = [1009, 4096, 65_536, 262_120, 262_144, 262_145, 1_000_000, 4_000_024];

    private static readonly Command[] AllCommands = Enum.GetValues<Command>();

    private FramePool _pool = null!;

    [SetUp]
    public void Create_pool() => _pool = new FramePool(P2PNetwork.Regtest);

    [Test]
    public void A_large_payload_may_be_received_where_it_belongs(
        [Values(40_000, 100 * 1024, 1_000_000, 4_000_000)] int length, [Values(1, 1500, 65_536, int.MaxValue)] int most)
    {
        byte[] payload = new byte[length];
        new Random(length).NextBytes(payload);
        byte[] bytes = WireBytes.Frame("logos", payload);
        using var reader = new FrameReader(_pool) { IsHandshakeComplete = true };
        int given = WireLimits.HeaderSize + 5000;
        var first = new ReadOnlySequence<byte>(bytes, 0, given);
        Assert.That(reader.Read(ref first).Status, Is.EqualTo(FrameReadStatus.NeedMore));

        FrameReadResult result = default;
        while (reader.GetRoom() is { IsEmpty: false } room && result.Status == FrameReadStatus.NeedMore)
        {
            int count = Math.Min(Math.Min(most == 1 ? 1 + (given % 3000) : most, room.Length), bytes.Length - given);
            bytes.AsSpan(given, count).CopyTo(room.Span);
            given += count;
            result = reader.Received(count);
            Assert.That(reader.BufferedCapacity, Is.LessThanOrEqualTo(given + WireLimits.ReadAhead));
        }

        // The end comes with what follows it.
        if (result.Status == FrameReadStatus.NeedMore)
        {
            Assert.That(bytes.Length - given, Is.LessThan(16 * 1024));
            var rest = new ReadOnlySequence<byte>([.. bytes.AsSpan(given), .. Ping]);
            result = reader.Read(ref rest);
            Assert.That(rest.Length, Is.EqualTo(Ping.Length));
        }

        Assert.That(result.Status, Is.EqualTo(FrameReadStatus.Frame));
        Assert.That(result.Frame!.Memory.Span.SequenceEqual(bytes));
        Assert.That(result.Frame.Id, Is.EqualTo(MessageId.Compute(payload)));
        Assert.That(_pool.PayloadsHashed, Is.EqualTo(1));
        Assert.That(reader.GetRoom().IsEmpty, "A header is next.");
        result.Frame.Release();
    }

    [Test]
    public void There_is_no_room_for_what_is_small_or_dropped_or_not_begun()
    {
        using var reader = new FrameReader(_pool) { IsHandshakeComplete = true };
        Assert.That(reader.GetRoom().IsEmpty);
        var unknown = new ReadOnlySequence<byte>(WireBytes.Frame("unknown", new byte[100_000]), 0, 1000);
        Assert.That(reader.Read(ref unknown).Status, Is.EqualTo(FrameReadStatus.NeedMore));
        Assert.That(reader.GetRoom().IsEmpty);

        using var other = new FrameReader(_pool) { IsHandshakeComplete = true };
        var small = new ReadOnlySequence<byte>(WireBytes.Frame("logos", new byte[10_000]), 0, 1000);
        Assert.That(other.Read(ref small).Status, Is.EqualTo(FrameReadStatus.NeedMore));
        Assert.That(other.GetRoom().IsEmpty);
    }

    [Test]
    public void Damage_in_what_was_received_where_it_belongs_is_found()
    {
        byte[] bytes = WireBytes.Frame("logos", new byte[50_000]);
        using var reader = new FrameReader(_pool) { IsHandshakeComplete = true };
        var first = new ReadOnlySequence<byte>(bytes, 0, 20_000);
        Assert.That(reader.Read(ref first).Status, Is.EqualTo(FrameReadStatus.NeedMore));
        Memory<byte> room = reader.GetRoom();
        Assert.That(room.Length, Is.EqualTo(bytes.Length - 20_000));

        room.Span.Fill(1);

        Assert.That(reader.Received(room.Length).Error, Is.EqualTo(FrameError.BadChecksum));
    }

    [Test]
    public void A_frame_is_whole_when_its_last_byte_is_there()
    {
        using FrameReader reader = NewReader();
        byte[] bytes = WireBytes.Frame("logos", new byte[40]);

        Assert.Multiple(() =>
        {
            Assert.That(IsWhole(reader, []), Is.False);
            Assert.That(IsWhole(reader, bytes[..(WireLimits.HeaderSize - 1)]), Is.False);
            Assert.That(IsWhole(reader, bytes[..WireLimits.HeaderSize]), Is.False);
            Assert.That(IsWhole(reader, bytes[..^1]), Is.False);
            Assert.That(IsWhole(reader, bytes), Is.True);
            Assert.That(IsWhole(reader, [.. bytes, 1]), Is.True);
            Assert.That(IsWhole(reader, WireBytes.Frame("verack", [])), Is.True);
        });
    }

    [TestCase("logos")]
    [TestCase("unknown")]
    public void Of_a_frame_that_was_begun_what_is_missing_is_whole(string command)
    {
        using FrameReader reader = NewReader();
        byte[] bytes = WireBytes.Frame(command, new byte[40]);
        Assert.That(Feed(reader, bytes[..30]), Is.Empty);

        Assert.That(IsWhole(reader, bytes[30..^1]), Is.False);
        Assert.That(IsWhole(reader, bytes[30..]), Is.True);
        Assert.That(IsWhole(reader, [.. bytes[30..], 1]), Is.True);
    }

    [Test]
    public void After_the_beginning_of_a_header_nothing_is_said_to_be_whole()
    {
        using FrameReader reader = NewReader();
        Assert.That(Feed(reader, Ping[..10]), Is.Empty);

        Assert.That(IsWhole(reader, [.. Ping[10..], .. Ping]), Is.False);
    }

    [Test]
    public void A_stream_that_is_broken_has_its_answer_at_once()
    {
        using FrameReader reader = NewReader();
        AssertViolation(Feed(reader, new byte[4]).Single(), FrameError.WrongMagic);

        Assert.That(IsWhole(reader, [1]), Is.True);
    }

    [Test]
    public void A_buffer_that_is_nearly_full_grows_before_more_is_received_into_it()
    {
        const int length = 600_000;
        byte[] payload = new TestRandom(4).Bytes(length);
        byte[] bytes = WireBytes.Frame("logos", payload);
        using FrameReader reader = NewReader();
        Assert.That(Feed(reader, bytes[..(WireLimits.HeaderSize + 1000)]), Is.Empty);
        int small = reader.BufferedCapacity;

        // Of a thousand bytes eight thousand may be had: the first buffer has more, and is filled first.
        Assert.That(reader.GetRoom().Length, Is.EqualTo(small - WireLimits.HeaderSize - 1000));
        Assert.That(Feed(reader, bytes[(WireLimits.HeaderSize + 1000)..(WireLimits.HeaderSize + 20_000)]), Is.Empty);

        // Of twenty thousand a buffer of twice the size may be had, and is.
        Memory<byte> room = reader.GetRoom();
        Assert.That(reader.BufferedCapacity, Is.EqualTo(2 * small));
        Assert.That(room.Length, Is.EqualTo((2 * small) - WireLimits.HeaderSize - 20_000));
        Assert.That(_pool.UsedBytes, Is.EqualTo(2 * small), "The small one was given back.");
        Assert.That(Feed(reader, bytes[(WireLimits.HeaderSize + 20_000)..]).Single().Frame!.Payload.SequenceEqual(payload));
    }

    [TestCase(-1)]
    [TestCase(40_001)]
    public void More_than_there_was_room_for_is_not_taken_as_received(int count)
    {
        using FrameReader reader = NewReader();
        Assert.That(Feed(reader, WireBytes.Frame("logos", new byte[40_000])[..WireLimits.HeaderSize]), Is.Empty);

        Assert.That(() => reader.Received(count), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [TestCase(16 * 1024, false)]
    [TestCase((16 * 1024) + 1, true)]
    public void There_is_room_where_16_KiB_and_more_are_missing(int missingAndOne, bool hasRoom)
    {
        using FrameReader reader = NewReader();
        byte[] bytes = WireBytes.Frame("logos", new byte[20_000 + missingAndOne - 1]);
        Assert.That(Feed(reader, bytes[..(WireLimits.HeaderSize + 20_000)]), Is.Empty);

        Assert.That(reader.GetRoom().IsEmpty, Is.Not.EqualTo(hasRoom));
    }

    // W1
    [Test]
    public void A_header_cut_in_two_is_reassembled()
    {
        using FrameReader reader = NewReader();

        Assert.That(Feed(reader, Ping[..12]), Is.Empty);
        Assert.That(Feed(reader, Ping[12..24]), Is.Empty);
        Assert.That(Feed(reader, Ping[24..27]), Is.Empty);
        FrameReadResult result = Feed(reader, Ping[27..]).Single();

        Assert.That(result.Status, Is.EqualTo(FrameReadStatus.Frame));
        Assert.That(result.Frame!.Memory.ToArray(), Is.EqualTo(Ping));
    }

    [Test]
    public void A_frame_cut_anywhere_is_reassembled([Range(0, 32)] int cut)
    {
        using FrameReader reader = NewReader();

        List<FrameReadResult> results = [.. Feed(reader, Ping[..cut]), .. Feed(reader, Ping[cut..])];

        Assert.That(results, Has.Count.EqualTo(1));
        Assert.That(results[0].Frame!.Memory.ToArray(), Is.EqualTo(Ping));
        Assert.That(results[0].Header, Is.EqualTo(new FrameHeader(Command.Ping, 8, MessageId.Compute(Nonce).Checksum)));
    }

    [Test]
    public void A_frame_is_there_with_its_last_byte_and_not_before()
    {
        using FrameReader reader = NewReader();

        for (int i = 0; i < Ping.Length - 1; i++)
            Assert.That(Feed(reader, [Ping[i]]), Is.Empty, $"after {i + 1} bytes");

        Assert.That(Feed(reader, [Ping[^1]]).Single().Status, Is.EqualTo(FrameReadStatus.Frame));
    }

    [Test]
    public void A_frame_without_payload_is_complete_with_its_header()
    {
        using FrameReader reader = NewReader();
        byte[] verack = WireBytes.Frame("verack", []);

        Assert.That(Feed(reader, verack[..23]), Is.Empty);
        FrameReadResult result = Feed(reader, verack[23..]).Single();

        Assert.That(result.Frame!.Command, Is.EqualTo(Command.Verack));
        Assert.That(result.Frame.Id, Is.EqualTo(MessageId.Empty));
        Assert.That(result.Frame.Payload.IsEmpty);
    }

    [Test]
    public void Nothing_comes_of_no_input()
    {
        using FrameReader reader = NewReader();
        ReadOnlySequence<byte> nothing = ReadOnlySequence<byte>.Empty;

        Assert.That(reader.Read(ref nothing), Is.EqualTo(default(FrameReadResult)));
        Assert.That(Feed(reader, Ping[..30]), Is.Empty);
        Assert.That(reader.Read(ref nothing).Status, Is.EqualTo(FrameReadStatus.NeedMore));
    }

    [Test]
    public void Frames_are_taken_one_at_a_time_and_nothing_after_them_is_touched()
    {
        using FrameReader reader = NewReader();
        byte[] verack = WireBytes.Frame("verack", []);
        var input = new ReadOnlySequence<byte>(WireBytes.Concat(Ping, verack, Ping[..5]));

        Assert.That(reader.Read(ref input).Frame!.Command, Is.EqualTo(Command.Ping));
        Assert.That(input.Length, Is.EqualTo(verack.Length + 5));
        Assert.That(reader.Read(ref input).Frame!.Command, Is.EqualTo(Command.Verack));
        Assert.That(input.Length, Is.EqualTo(5));
        Assert.That(reader.Read(ref input).Status, Is.EqualTo(FrameReadStatus.NeedMore));
        Assert.That(input.Length, Is.Zero, "The reader keeps what is incomplete itself.");
    }

    // W3
    [TestCaseSource(nameof(WrongMagics))]
    public void A_stranger_is_recognised_by_his_first_four_bytes(string magic)
    {
        using FrameReader reader = NewReader();
        byte[] bytes = WireBytes.Hex(magic);

        Assert.That(Feed(reader, bytes[..3]), Is.Empty);
        FrameReadResult result = Feed(reader, bytes[3..]).Single();

        AssertViolation(result, FrameError.WrongMagic);
        Assert.That(result.Header, Is.EqualTo(default(FrameHeader)), "No header was read.");
    }

    [Test]
    public void A_wrong_magic_after_good_frames_says_nothing_of_their_headers()
    {
        using FrameReader reader = NewReader();

        List<FrameReadResult> results = Feed(reader, WireBytes.Concat(Ping, [1, 2, 3, 4]));

        Assert.That(results, Has.Count.EqualTo(2));
        AssertViolation(results[1], FrameError.WrongMagic);
        Assert.That(results[1].Header, Is.EqualTo(default(FrameHeader)));
    }

    [Test]
    public void After_a_violation_nothing_is_read_any_more()
    {
        using FrameReader reader = NewReader();
        Feed(reader, WireBytes.Header("ping", 9));
        var input = new ReadOnlySequence<byte>(Ping);

        for (int i = 0; i < 3; i++)
        {
            AssertViolation(reader.Read(ref input), FrameError.Oversize);
            Assert.That(input.Length, Is.EqualTo(Ping.Length));
        }
    }

    // W4
    [Test]
    public void A_frame_with_a_wrong_checksum_is_dropped_and_the_next_one_read()
    {
        using FrameReader reader = NewReader();
        byte[] bad = WireBytes.Frame("badmsg", [1, 2], claimedChecksum: [1, 2, 3, 4]);

        List<FrameReadResult> results = Feed(reader, WireBytes.Concat(bad, Ping));

        AssertDropped(results[0], FrameError.BadChecksum, new FrameHeader(Command.Other, 2, 0x04030201));
        Assert.That(WireLimits.HeaderSize + results[0].Header.PayloadLength, Is.EqualTo(26), "what the counter gets");
        Assert.That(results[1].Frame!.Memory.ToArray(), Is.EqualTo(Ping));
    }

    [Test]
    public void A_known_command_with_a_wrong_checksum_is_dropped_and_its_buffer_returned()
    {
        using FrameReader reader = NewReader();
        byte[] bad = WireBytes.Frame("logos", new byte[1000], claimedChecksum: WireBytes.Hex("be ef be ef"));

        FrameReadResult result = Feed(reader, bad).Single();

        AssertDropped(result, FrameError.BadChecksum, new FrameHeader(Command.Logos, 1000, 0xEFBEEFBE));
        Assert.That(reader.BufferedCapacity, Is.Zero);
        Assert.That(_pool.RetainedBytes, Is.EqualTo(_pool.Rent(1024).Capacity));
    }

    [Test]
    public void One_wrong_bit_anywhere_in_payload_or_checksum_is_noticed([Range(20, 31)] int index)
    {
        for (int bit = 0; bit < 8; bit++)
        {
            using FrameReader reader = NewReader();
            byte[] bad = [.. Ping];
            bad[index] ^= (byte)(1 << bit);

            FrameReadResult result = Feed(reader, bad).Single();

            Assert.That((result.Status, result.Error), Is.EqualTo((FrameReadStatus.Dropped, FrameError.BadChecksum)));
        }
    }

    // W5
    [TestCaseSource(nameof(Oversize))]
    public void A_payload_over_the_limit_is_refused_at_its_header(string command, uint claimedLength)
    {
        using FrameReader reader = NewReader();
        byte[] header = WireBytes.Header(command, claimedLength);

        Assert.That(Feed(reader, header[..23]), Is.Empty);
        FrameReadResult result = Feed(reader, WireBytes.Concat(header[23..], new byte[100])).Single();

        AssertViolation(result, FrameError.Oversize);
        Assert.That(result.Header.PayloadLength, Is.EqualTo(claimedLength));
        Assert.That(reader.BufferedCapacity, Is.Zero);
        Assert.That(_pool.RetainedBytes, Is.Zero, "No buffer may have been made for it.");
    }

    [TestCaseSource(nameof(AllCommands))]
    public void A_command_may_have_its_largest_payload_and_not_a_byte_more(Command command)
    {
        string name = command == Command.Other ? "unknown" : command.Name();
        byte[] payload = new TestRandom(4).Bytes(command.MaxPayload());
        using FrameReader reader = NewReader();
        using FrameReader other = NewReader();

        FrameReadResult largest = Feed(reader, WireBytes.Frame(name, payload)).Single();
        FrameReadResult larger = Feed(other, WireBytes.Header(name, (uint)payload.Length + 1)).Single();

        Assert.That(largest.Status,
            Is.EqualTo(command == Command.Other ? FrameReadStatus.Dropped : FrameReadStatus.Frame));
        Assert.That(largest.Error, Is.EqualTo(FrameError.None));
        AssertViolation(larger, FrameError.Oversize);
    }

    // W14
    [TestCaseSource(nameof(AllCommands))]
    public void Before_the_handshake_is_complete_payloads_are_small(Command command)
    {
        string name = command == Command.Other ? "unknown" : command.Name();
        foreach (int length in (int[])[0, 8, 9, 600, 601, 1023, 1024, 1025, 4_000_000, 4_000_001])
        {
            using var reader = new FrameReader(_pool);
            FrameError expected = length > command.MaxPayload() ? FrameError.Oversize
                : length > 1024 ? FrameError.OversizeBeforeHandshake
                : FrameError.None;

            FrameReadResult result =
                Feed(reader, WireBytes.Frame(name, new byte[Math.Min(length, 1024)], (uint)length)).Single();

            Assert.That(result.Error, Is.EqualTo(expected), $"{name} of {length} bytes");
            Assert.That(result.Status == FrameReadStatus.Violation, Is.EqualTo(expected != FrameError.None));
        }
    }

    [Test]
    public void After_the_handshake_the_same_reader_takes_large_payloads()
    {
        using var reader = new FrameReader(_pool);
        byte[] large = WireBytes.Frame("logos", new byte[100_000]);

        Assert.That(Feed(reader, Ping).Single().Status, Is.EqualTo(FrameReadStatus.Frame));
        reader.IsHandshakeComplete = true;

        Assert.That(Feed(reader, large).Single().Status, Is.EqualTo(FrameReadStatus.Frame));
    }

    // W6
    [TestCaseSource(nameof(BadCommands))]
    public void A_frame_with_a_malformed_command_is_dropped_with_its_whole_body(string command)
    {
        using FrameReader reader = NewReader();
        byte[] body = [.. Ping, .. new byte[15_000]];

        List<FrameReadResult> results = Feed(reader, WireBytes.Concat(WireBytes.Frame(command, body), Ping));

        Assert.That(results, Has.Count.EqualTo(2));
        Assert.That((results[0].Status, results[0].Error),
            Is.EqualTo((FrameReadStatus.Dropped, FrameError.BadCommand)));
        Assert.That(results[0].Header.Command, Is.EqualTo(Command.Other));
        Assert.That(results[0].Header.PayloadLength, Is.EqualTo((uint)body.Length));
        Assert.That(results[1].Frame!.Memory.ToArray(), Is.EqualTo(Ping));
        Assert.That(_pool.PayloadsHashed, Is.EqualTo(1), "Only the ping is worth hashing.");
    }

    [Test]
    public void A_malformed_command_without_a_body_is_dropped_too()
    {
        using FrameReader reader = NewReader();

        List<FrameReadResult> results = Feed(reader, WireBytes.Concat(WireBytes.Frame("a\0b", []), Ping));

        Assert.That(results.Select(r => r.Error), Is.EqualTo([FrameError.BadCommand, FrameError.None]));
    }

    // W12
    [Test]
    public void The_body_of_an_unknown_command_is_discarded_so_that_the_next_message_is_read(
        [Values(1, 7, 4096, 20_000)] int chunk)
    {
        using FrameReader reader = NewReader();
        byte[] body = [.. Enumerable.Repeat(Ping, 15_000 / Ping.Length).SelectMany(b => b)];
        byte[] stream = WireBytes.Concat(WireBytes.Frame("unknown", body), Ping);

        var results = new List<FrameReadResult>();
        foreach (byte[] piece in stream.Chunk(chunk))
        {
            results.AddRange(Feed(reader, piece));
            Assert.That(reader.BufferedCapacity, Is.LessThanOrEqualTo(512), "The body is not worth a buffer.");
        }

        Assert.That(results, Has.Count.EqualTo(2));
        AssertDropped(results[0], FrameError.None,
            new FrameHeader(Command.Other, (uint)body.Length, MessageId.Compute(body).Checksum));
        Assert.That(results[1].Frame!.Memory.ToArray(), Is.EqualTo(Ping));
    }

    [Test]
    public void A_large_unknown_message_takes_no_memory()
    {
        using FrameReader reader = NewReader();
        byte[] frame = WireBytes.Frame("unknown", new byte[4_000_000]);
        FrameReadResult result = default;

        long allocated = Allocations.Least(() =>
        {
            var input = new ReadOnlySequence<byte>(frame);
            result = reader.Read(ref input);
        });

        Assert.That(result.Status, Is.EqualTo(FrameReadStatus.Dropped));
        Assert.That(allocated, Is.Zero);
    }

    [TestCase(23)]
    [TestCase(24)]
    [TestCase(31)]
    public void A_frame_that_never_ends_is_no_frame(int received)
    {
        using FrameReader reader = NewReader();

        Assert.That(Feed(reader, Ping[..received]), Is.Empty);
    }

    [TestCaseSource(nameof(ChunkSizes))]
    public void The_largest_message_grows_with_the_bytes_that_arrive(int chunkSize)
    {
        byte[] frame = WireBytes.Frame("logos", new TestRandom(5).Bytes(4_000_000));
        using FrameReader reader = NewReader();
        FrameReadResult result = default;
        int received = 0;

        while (received < frame.Length)
        {
            int count = Math.Min(chunkSize, frame.Length - received);
            var input = new ReadOnlySequence<byte>(frame, received, count);
            result = reader.Read(ref input);
            received += count;

            Assert.That(reader.BufferedCapacity, Is.LessThanOrEqualTo(received + WireLimits.ReadAhead));
        }

        Assert.That(result.Status, Is.EqualTo(FrameReadStatus.Frame));
        Assert.That(result.Frame!.Memory.Span.SequenceEqual(frame));
        Assert.That(result.Frame.Capacity, Is.LessThan(frame.Length + WireLimits.ReadAhead));
        Assert.That(_pool.PayloadsHashed, Is.EqualTo(1));
    }

    [TestCase("logos", 4_000_000U)]
    [TestCase("inv", 1_800_003U)]
    [TestCase("logos", 262_121U)]
    [TestCase("logos", 262_120U)]
    public void A_header_alone_gets_no_more_than_the_read_ahead(string command, uint claimedLength)
    {
        var header = new ReadOnlySequence<byte>(WireBytes.Header(command, claimedLength));
        int capacity = 0;

        long allocated = Allocations.Least(() =>
        {
            using var reader = new FrameReader(new FramePool(P2PNetwork.Regtest)) { IsHandshakeComplete = true };
            ReadOnlySequence<byte> input = header;
            reader.Read(ref input);
            capacity = reader.BufferedCapacity;
        });

        Assert.That(capacity, Is.InRange(1, WireLimits.ReadAhead));
        Assert.That(allocated, Is.InRange(capacity, WireLimits.ReadAhead + (32 * 1024)), "a pool, a reader, a buffer");
    }

    [Test]
    public void A_header_of_a_small_message_gets_a_small_buffer()
    {
        using FrameReader reader = NewReader();

        Feed(reader, WireBytes.Header("logos", 256));

        Assert.That(reader.BufferedCapacity, Is.EqualTo(512));
    }

    [Test]
    public void A_payload_is_hashed_exactly_once_however_it_arrives([Values(1, 5, 24, 1000, 100_000)] int chunkSize)
    {
        using FrameReader reader = NewReader();
        byte[] stream = WireBytes.Concat(
            Ping,
            WireBytes.Frame("verack", []),
            WireBytes.Frame("unknown", new byte[500]),
            WireBytes.Frame("logos", new byte[5000], claimedChecksum: new byte[4]),
            WireBytes.Frame("logos", new TestRandom(6).Bytes(50_000)));

        List<FrameReadResult> results = [.. stream.Chunk(chunkSize).SelectMany(piece => Feed(reader, piece))];

        Assert.That(results, Has.Count.EqualTo(5));
        Assert.That(_pool.PayloadsHashed, Is.EqualTo(5));
    }

    [Test]
    public void A_released_frame_goes_back_to_the_pool_and_is_filled_again()
    {
        using FrameReader reader = NewReader();
        Frame first = Feed(reader, WireBytes.Frame("logos", [1])).Single().Frame!;
        first.Release();
        Assert.That(_pool.RetainedBytes, Is.EqualTo(first.Capacity));

        Frame second = Feed(reader, WireBytes.Frame("logos", [2])).Single().Frame!;

        Assert.That(second, Is.SameAs(first));
        Assert.That(second.Payload.ToArray(), Is.EqualTo(new byte[] { 2 }));
    }

    [Test]
    public void The_caller_owns_a_frame_once()
    {
        using FrameReader reader = NewReader();
        Frame frame = Feed(reader, Ping).Single().Frame!;

        frame.Release();

        Assert.That(frame.Release, Throws.InvalidOperationException);
    }

    [Test]
    public void A_frame_that_is_still_owned_is_not_filled_again()
    {
        using FrameReader reader = NewReader();
        byte[] first = WireBytes.Frame("logos", new TestRandom(7).Bytes(200));
        byte[] second = WireBytes.Frame("logos", new TestRandom(8).Bytes(200));

        List<FrameReadResult> results = Feed(reader, WireBytes.Concat(first, second));

        Assert.That(results[0].Frame!.Memory.ToArray(), Is.EqualTo(first));
        Assert.That(results[1].Frame!.Memory.ToArray(), Is.EqualTo(second));
    }

    [TestCase(256, 1 << 20, Description = "many frames at once")]
    [TestCase(256, 100, Description = "in pieces")]
    [TestCase(0, 1 << 20, Description = "empty frames")]
    public void Reading_and_releasing_allocates_nothing_in_steady_state(int payloadLength, int chunkSize)
    {
        using FrameReader reader = NewReader();
        byte[] payload = new TestRandom(9).Bytes(payloadLength);
        byte[] stream = WireBytes.Concat(Enumerable.Repeat(WireBytes.Frame("logos", payload), 1000));
        int frames = 0;

        long allocated = Allocations.Least(() => frames = ReadAndRelease(reader, stream, chunkSize));

        Assert.That(allocated, Is.Zero);
        Assert.That(frames, Is.EqualTo(1000));
    }

    [TestCase(10)]
    [TestCase(24)]
    [TestCase(5000)]
    [TestCase(400_000)]
    public void A_reader_disposed_in_the_middle_of_a_frame_gives_its_buffer_back(int received)
    {
        byte[] frame = WireBytes.Frame("logos", new byte[1_000_000]);
        FrameReader reader = NewReader();
        Feed(reader, frame[..received]);
        int held = reader.BufferedCapacity;
        long retained = _pool.RetainedBytes;

        reader.Dispose();
        reader.Dispose();

        Assert.That(reader.BufferedCapacity, Is.Zero);
        Assert.That(_pool.RetainedBytes - retained, Is.EqualTo(held));
        Assert.That(Feed(reader, Ping).Single().Status, Is.EqualTo(FrameReadStatus.Violation));
    }

    [Test]
    public void A_reader_disposed_between_frames_leaves_those_it_gave_out_alone()
    {
        FrameReader reader = NewReader();
        Frame frame = Feed(reader, Ping).Single().Frame!;

        reader.Dispose();

        Assert.That(frame.Memory.ToArray(), Is.EqualTo(Ping));
        Assert.That(_pool.RetainedBytes, Is.Zero);
    }

    // W15
    [Test]
    [Conformance("W15")]
    public void Any_fragmentation_of_a_stream_yields_the_identical_sequence([Range(1, 40)] int seed)
    {
        var random = new TestRandom((ulong)seed);
        var sent = new List<byte[]>();
        var expected = new List<string>();
        bool hasLargeFrame = random.OneIn(4);
        for (int i = random.Between(1, 60); i > 0; i--)
            AddRandomFrame(random, hasLargeFrame && i == 1, sent, expected);
        byte[] stream = WireBytes.Concat(sent);

        foreach (int longest in hasLargeFrame ? (int[])[1000, 100_000] : [1, 3, 30, 1000])
        {
            List<ReadOnlyMemory<byte>> pieces = WireBytes.Fragments(random, stream, longest);
            using FrameReader piecewise = NewReader();
            using FrameReader segmented = NewReader();
            using FrameReader mixed = NewReader();

            Assert.Multiple(() =>
            {
                Assert.That(
                    pieces.SelectMany(p => Describe(Feed(piecewise, p))), Is.EqualTo(expected), "piece by piece");
                Assert.That(
                    Describe(Feed(segmented, WireBytes.Segments(pieces))), Is.EqualTo(expected), "one sequence");
                Assert.That(
                    pieces.Chunk(3).SelectMany(p => Describe(Feed(mixed, WireBytes.Segments(p)))),
                    Is.EqualTo(expected),
                    "three segments at a time");
            });
        }
    }

    private static void AddRandomFrame(TestRandom random, bool isLarge, List<byte[]> sent, List<string> expected)
    {
        string name = isLarge
            ? "logos"
            : random.Pick(["logos", "direct", "ping", "verack", "inv", "unknown", "bad\0name"]);
        byte[] payload = random.Bytes(name switch
        {
            "ping" => 8,
            "verack" => 0,
            _ when isLarge => random.Between(250_000, 600_000),
            _ => random.Length(3000),
        });
        byte[] frame = WireBytes.Frame(name, payload);
        bool isCorrupted = random.OneIn(8);
        if (isCorrupted)
            frame[20 + random.Below(4)] ^= 0x10;

        sent.Add(frame);
        expected.Add(name switch
        {
            "bad\0name" => $"Dropped BadCommand {payload.Length}",
            _ when isCorrupted => $"Dropped BadChecksum {payload.Length}",
            "unknown" => $"Dropped None {payload.Length}",
            _ => $"Frame {MessageId.Compute(frame)}",
        });
    }

    private static IEnumerable<string> Describe(IEnumerable<FrameReadResult> results) => results.Select(r =>
        r.Status == FrameReadStatus.Frame
            ? $"Frame {MessageId.Compute(r.Frame!.Memory.Span)}"
            : $"{r.Status} {r.Error} {r.Header.PayloadLength}");

    private static int ReadAndRelease(FrameReader reader, byte[] stream, int chunkSize)
    {
        int frames = 0;
        for (int start = 0; start < stream.Length; start += chunkSize)
        {
            var input = new ReadOnlySequence<byte>(stream, start, Math.Min(chunkSize, stream.Length - start));
            while (reader.Read(ref input) is { Status: FrameReadStatus.Frame, Frame: { } frame })
            {
                frame.Release();
                frames++;
            }
        }

        return frames;
    }

    private static List<FrameReadResult> Feed(FrameReader reader, byte[] bytes) =>
        Feed(reader, new ReadOnlySequence<byte>(bytes));

    private static List<FrameReadResult> Feed(FrameReader reader, ReadOnlyMemory<byte> bytes) =>
        Feed(reader, new ReadOnlySequence<byte>(bytes));

    /// <summary>Reads until more is needed or the stream is broken.</summary>
    private static List<FrameReadResult> Feed(FrameReader reader, ReadOnlySequence<byte> input)
    {
        var results = new List<FrameReadResult>();
        while (true)
        {
            FrameReadResult result = reader.Read(ref input);
            if (result.Status == FrameReadStatus.NeedMore)
            {
                Assert.That(input.Length, Is.Zero, "Who needs more has used what there was.");
                return results;
            }

            results.Add(result);
            if (result.Status == FrameReadStatus.Violation)
                return results;
        }
    }

    private static void AssertViolation(FrameReadResult result, FrameError error)
    {
        Assert.That((result.Status, result.Error), Is.EqualTo((FrameReadStatus.Violation, error)));
        Assert.That(result.Frame, Is.Null);
    }

    private static void AssertDropped(FrameReadResult result, FrameError error, FrameHeader header) =>
        Assert.That(result, Is.EqualTo(new FrameReadResult(FrameReadStatus.Dropped, null, error, header)));

    private static bool IsWhole(FrameReader reader, byte[] bytes) => reader.IsWholeFrame(new ReadOnlySequence<byte>(bytes));

    private FrameReader NewReader() => new(_pool) { IsHandshakeComplete = true };
}
