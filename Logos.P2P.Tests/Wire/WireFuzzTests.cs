using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Logos.P2P.Tests.Conformance;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Wire;

/// <summary>
/// Random and mutated bytes into everything that reads bytes of strangers. The same streams every time; set
/// LOGOS_P2P_FUZZ_SEED to see others, or to the seed of a failure to see that one first.
/// </summary>
[Category("Slow")]
public sealed class WireFuzzTests
{
    private const int StreamCount = 200_000;
    private const int WarmUpCount = 100;

    /// <summary>
    /// What a measurement may find besides the arrays asked for: the objects around them, and for each array of some
    /// size what was left of the thread's 8 KiB of allocation quantum, which the runtime counts and throws away.
    /// </summary>
    private const int Overhead = 40 * 1024;

    private static readonly ulong FirstSeed = Environment.GetEnvironmentVariable("LOGOS_P2P_FUZZ_SEED") is { } text
        ? ulong.Parse(text, CultureInfo.InvariantCulture)
        : 1_000_000;

    private static readonly byte[] InterestingBytes =
        [0, 1, 2, 4, 5, 6, 0x10, 0x20, 0x7F, 0x80, 0xFC, 0xFD, 0xFE, 0xFF];

    private static readonly uint[] InterestingLengths =
    [
        0, 1, 8, 9, 600, 601, 1023, 1024, 1025, 262_119, 262_120, 262_121, 1_800_003, 1_800_004, 3_999_999, 4_000_000,
        4_000_001, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF,
    ];

    private static readonly string[] Names =
    [
        "version", "verack", "sendaddrv2", "feature", "getaddr", "addr", "addrv2", "ping", "pong", "inv", "getdata",
        "notfound", "logos", "direct", "have", "want", "late", "early", "coming", "hold", "graft", "chunks", "chunk", "havechunk",
        "wantchunk", "wantshort", "lackshort",
        "unknown", "*other*", "bad\0name", "", "b\u00FFd",
    ];

    private static readonly string[] Texts =
    [
        "1.2.3.4", "255.255.255.255", "0.0.0.0", "::", "::1", "2001:db8::1:0:0:1",
        "1a1b:2a2b:3a3b:4a4b:5a5b:6a6b:7a7b:8a8b",
        "::ffff:1.2.3.4", "::1.2.3.4", "64:ff9b::1.2.3.4", "fc00:1:2:3:4:5:6:7", "fd87:d87e:eb43::1",
        "fd6b:88c0:8724::1",
        "fe80::1%1", "[::1]:80", "1.2.3.4:80", "[1.2.3.4]:65535", "example.org:80", ":80", "[]:80",
        "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion",
        "PG6MMJIYJMCRSSLVYKFWNNTLARU7P5SVN6Y2YMMJU6NUBXNDF4PSCRYD.ONION:80",
        "ukeu3k5oycgaauneqgtnvselmt4yemvoilkln7jpvamvfx7dnkdq.b32.i2p",
        "[ukeu3k5oycgaauneqgtnvselmt4yemvoilkln7jpvamvfx7dnkdq.b32.i2p]:1",
    ];

    private const string Letters = "0123456789abcdefABCDEF:::...[[]]%/-+ x\0\u0130\u212A\uFF11\u0661\uD800";

    [Test]
    public void The_frame_reader_survives_any_stream()
    {
        var statuses = new int[Enum.GetValues<FrameReadStatus>().Length];
        var errors = new int[Enum.GetValues<FrameError>().Length];
        var commands = new int[Commands.Count];

        ForEachSeed(random =>
        {
            byte[] stream = NextStream(random);
            ReadOnlySequence<byte>[] inputs = NextInputs(random, stream);
            int handshakeAt = random.OneIn(2) ? 0 : random.Below(2 * inputs.Length);
            var pool = new FramePool(P2PNetwork.Regtest);
            var reader = new FrameReader(pool);
            long before = GC.GetAllocatedBytesForCurrentThread();

            ReadStream(reader, stream, inputs, handshakeAt, statuses, errors, commands);
            reader.Dispose();

            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            // Measured once, since a stream can be read but once; hence the allowance.
            Require(allocated <= pool.RetainedBytes + Overhead, "More than buffers was allocated, or one was lost.");
            Require(allocated <= (4L * stream.Length) + WireLimits.ReadAhead + Overhead, "Too much was allocated.");
        });

        TestContext.Out.WriteLine($"statuses {string.Join(' ', statuses)}, errors {string.Join(' ', errors)}, "
            + $"commands {string.Join(' ', commands)}");
        Assert.That(statuses, Is.All.GreaterThan(1000), "The streams must lead everywhere.");
        Assert.That(errors, Is.All.GreaterThan(1000), "The streams must lead everywhere.");
        Assert.That(commands.Skip(1), Is.All.GreaterThan(1000), "The streams must lead everywhere.");
    }

    [Test]
    public void The_version_codec_survives_any_payload()
    {
        CheckCodec(NextVersion, payload =>
        {
            RequireAllocated(512 + (2 * payload.Length), () => VersionMessage.TryRead(payload, out _));
            DecodeStatus status = VersionMessage.TryRead(payload, out VersionMessage? message);
            if (status != DecodeStatus.Ok)
            {
                Require(message is null, "A malformed payload makes no message.");
                return status;
            }

            byte[] again = new byte[message!.GetSize()];
            message.Write(again);
            Require(VersionMessage.TryRead(again, out VersionMessage? read) == DecodeStatus.Ok, "Not read again.");
            Require(message.Equals(read), "Another message was read again.");
            Require(message.SanitizedUserAgent.All(c => c is >= ' ' and <= 'z'), "The user agent is not harmless.");
            return status;
        });
    }

    [Test]
    public void The_feature_codec_survives_any_payload()
    {
        CheckCodec(NextFeature, payload =>
        {
            RequireAllocated(128 + (2 * payload.Length), () => FeatureMessage.TryRead(payload, out _));
            DecodeStatus status = FeatureMessage.TryRead(payload, out FeatureMessage message);
            if (status != DecodeStatus.Ok)
                return status;

            byte[] again = new byte[message.GetSize()];
            message.Write(again);
            Require(again.AsSpan().SequenceEqual(payload), "A feature has one form only.");
            return status;
        });
    }

    [TestCase(false)]
    [TestCase(true)]
    [Conformance("A11")]
    public void The_address_list_codec_survives_any_payload(bool v2)
    {
        var addresses = new List<TimedAddress>();
        var again = new List<TimedAddress>();

        CheckCodec(random => NextAddresses(random, v2), payload =>
        {
            addresses.Clear();
            again.Clear();
            RequireAllocated(Overhead + (24 * payload.Length), () => AddressListCodec.TryRead(payload, v2, []));
            DecodeStatus status = AddressListCodec.TryRead(payload, v2, addresses);
            if (status != DecodeStatus.Ok)
            {
                Require(addresses.Count == 0, "An unreadable list adds nothing.");
                return status;
            }

            byte[] written = new byte[AddressListCodec.GetSize(CollectionsMarshal.AsSpan(addresses), v2)];
            AddressListCodec.Write(CollectionsMarshal.AsSpan(addresses), v2, written);
            Require(AddressListCodec.TryRead(written, v2, again) == DecodeStatus.Ok, "Not read again.");
            Require(addresses.SequenceEqual(again), "Other addresses were read again.");
            Require(addresses.All(a => NetAddress.IsKnown(a.Endpoint.Address.Network)), "No address of a node.");
            return status;
        });
    }

    [Test]
    public void The_inventory_codec_survives_any_payload()
    {
        CheckCodec(NextInventory, payload =>
        {
            RequireAllocated(0, () => InventoryCodec.TryRead(payload, out _));
            DecodeStatus status = InventoryCodec.TryRead(payload, out InventoryList list);
            Require(status == DecodeStatus.Ok || list.Count == 0, "An unreadable list has no entries.");

            var ids = new MessageId[list.Count];
            bool areAllLogos = true;
            for (int i = 0; i < ids.Length; i++)
            {
                ids[i] = list[i].Id;
                areAllLogos &= list[i].Type == InventoryCodec.LogosType;
            }

            byte[] again = new byte[InventoryCodec.GetSize(ids.Length)];
            InventoryCodec.Write(ids, again);
            bool isSame = payload.AsSpan().StartsWith(again);
            Require(status != DecodeStatus.Ok || !areAllLogos || isSame, "Written otherwise.");
            return status;
        });
    }

    [Test]
    public void The_ping_codec_survives_any_payload()
    {
        CheckCodec(random => random.Bytes(random.Below(10)), payload =>
        {
            RequireAllocated(0, () => PingCodec.TryRead(payload, out _));
            DecodeStatus status = PingCodec.TryRead(payload, out ulong nonce);

            byte[] again = new byte[PingCodec.Size];
            PingCodec.Write(nonce, again);
            Require(status != DecodeStatus.Ok || payload.AsSpan().StartsWith(again), "Written otherwise.");
            return status;
        });
    }

    [Test]
    public void The_codec_of_questions_by_short_ids_survives_any_payload()
    {
        var pool = new FramePool(P2PNetwork.Regtest);
        CheckCodec(random => random.Bytes(random.Below(36)), payload =>
        {
            RequireAllocated(0, () => ShortIdQueryCodec.TryRead(payload, out ShortIdKey _, out ShortIdList _));
            DecodeStatus status = ShortIdQueryCodec.TryRead(payload, out ShortIdKey key, out ShortIdList list);
            Require((status == DecodeStatus.Ok) == (payload.Length > 16 && (payload.Length - 16) % 6 == 0), "A key and six bytes each.");
            if (status != DecodeStatus.Ok)
                return status;
            var ids = new ShortId[list.Count];
            for (int i = 0; i < ids.Length; i++)
                ids[i] = list[i];
            Frame frame = pool.Create(Command.WantShort, key, ids);
            Require(frame.Payload.SequenceEqual(payload), "Written otherwise.");
            frame.Release();
            return status;
        });
    }

    [Test]
    public void The_short_id_codec_survives_any_payload()
    {
        var pool = new FramePool(P2PNetwork.Regtest);
        CheckCodec(random => random.Bytes(random.Below(14)), payload =>
        {
            RequireAllocated(0, () => ShortIdCodec.TryRead(payload, out ShortIdList _));
            DecodeStatus status = ShortIdCodec.TryRead(payload, out ShortIdList list);
            Require((status == DecodeStatus.Ok) == (payload.Length > 0 && payload.Length % 6 == 0), "Six bytes each.");
            var ids = new ShortId[list.Count];
            for (int i = 0; i < list.Count; i++)
                RequireWritten(pool.Create(Command.Have, ids[i] = list[i]), payload.AsSpan(6 * i, 6));
            RequireWritten(pool.Create(Command.Have, ids), payload.AsSpan(0, 6 * ids.Length));

            if (ShortIdCodec.TryRead(payload, out ShortId late, out ushort milliseconds) == DecodeStatus.Ok)
                RequireWritten(pool.Create(Command.Late, late, milliseconds), payload.AsSpan(0, 8));
            if (ShortIdCodec.TryRead(payload, out ShortId coming, out uint size) == DecodeStatus.Ok)
                RequireWritten(pool.CreateComing(coming, size), payload.AsSpan(0, 10));
            if (ShortIdCodec.TryRead(payload, out uint label) == DecodeStatus.Ok)
                RequireWritten(pool.CreateGraft(label), payload.AsSpan(0, 4));
            return status;
        });

        static void RequireWritten(Frame frame, ReadOnlySpan<byte> expected)
        {
            Require(frame.Payload.SequenceEqual(expected), "Written otherwise.");
            frame.Release();
        }
    }

    [Test]
    public void The_chunk_codecs_survive_any_payload()
    {
        CheckCodec(NextChunks, payload =>
        {
            RequireAllocated(256 + payload.Length, () => ChunkList.TryRead(payload, out _));
            DecodeStatus status = ChunkList.TryRead(payload, out ChunkList? list);
            if (list is not null)
            {
                byte[] again = new byte[list.Size];
                list.Write(again);
                Require(again.AsSpan().SequenceEqual(payload), "A list has one form only.");
                Require(Enumerable.Range(0, list.Count).Sum(list.LengthOf) == list.Length, "The chunks are the message.");
            }

            RequireAllocated(0, () => ChunkIndexCodec.TryRead(payload, out _, out _));
            bool isRead = ChunkIndexCodec.TryRead(payload, out _, out ReadOnlySpan<byte> indexes) == DecodeStatus.Ok;
            Require(isRead == payload.Length is >= 6 and <= 251, "A name and indexes.");
            Require(!isRead || indexes.SequenceEqual(payload.AsSpan(6)), "Other indexes.");
            return status;
        });

        static byte[] NextChunks(TestRandom random)
        {
            int length = random.Between(131_072, 300_000), chunkSize = random.Pick([16_360, 32_744, 65_512]);
            return WireBytes.Concat(
            [
                random.Bytes(MessageId.Size), BitConverter.GetBytes(length), BitConverter.GetBytes(chunkSize),
                random.Bytes(MessageId.Size * ((length + chunkSize - 1) / chunkSize)),
            ]);
        }
    }

    [Test]
    [Conformance("A11")]
    public void The_address_codec_survives_any_bytes()
    {
        CheckCodec(random => NextV2Address(random, random.Between(1, 8)), bytes =>
        {
            byte[] again = new byte[64];
            bool isOk = true;
            RequireAllocated(0, () =>
            {
                CheckV1(bytes, again);
                isOk = CheckV2(bytes, again);
            });
            return isOk ? DecodeStatus.Ok : DecodeStatus.Malformed;
        });
    }

    [Test]
    public void A_CompactSize_has_one_form()
    {
        CheckCodec(random => [random.Pick(InterestingBytes), .. random.Bytes(random.Below(10))], bytes =>
        {
            Span<byte> again = stackalloc byte[9];
            var reader = new WireReader(bytes);
            if (!reader.TryReadCompactSize(out ulong value))
                return DecodeStatus.Malformed;

            var writer = new WireWriter(again);
            writer.WriteCompactSize(value);
            Span<byte> read = bytes.AsSpan(0, bytes.Length - reader.Remaining);
            Require(read.SequenceEqual(again[..writer.Written]), "Written otherwise.");
            return DecodeStatus.Ok;
        });
    }

    [Test]
    public void The_address_text_parser_survives_any_text()
    {
        int parsed = 0, refused = 0;
        ForEachSeed(random =>
        {
            string text = NextText(random);
            RequireAllocated(512 + (8 * text.Length), () => _ = NetAddress.TryParse(text, out _));
            bool ok = NetAddress.TryParse(text, out NetAddress address);
            if (!ok)
            {
                Require(address == NetAddress.None, "Text that was refused is no address.");
                refused++;
                return;
            }

            parsed++;
            string canonical = address.ToString();
            Require(NetAddress.TryParse(canonical, out NetAddress again) && again == address,
                $"{text} became {canonical}.");
            Require(address.Network == NetworkId.None || NetAddress.IsKnown(address.Network), $"{text} is no host.");
            bool isInsideIPv6 = text.Contains(':', StringComparison.Ordinal);
            Require(address.Network != NetworkId.IPv4 || isInsideIPv6 || text == canonical,
                $"{text} is a second way to write {canonical}.");
        });

        Assert.That(parsed, Is.GreaterThan(StreamCount / 20));
        Assert.That(refused, Is.GreaterThan(StreamCount / 20));
    }

    [Test]
    public void The_endpoint_text_parser_survives_any_text()
    {
        int parsed = 0, refused = 0;
        ForEachSeed(random =>
        {
            string text = NextText(random);
            RequireAllocated(512 + (12 * text.Length), () => _ = NetEndpoint.TryParse(text, 7, out _));
            bool ok = NetEndpoint.TryParse(text, 7, out NetEndpoint endpoint);
            if (!ok)
            {
                Require(endpoint == NetEndpoint.None, "Text that was refused is no endpoint.");
                refused++;
                return;
            }

            parsed++;
            string canonical = endpoint.ToString();
            Require(endpoint.HasItsPort, $"{text} has no port.");
            Require(NetEndpoint.TryParse(canonical, 1, out NetEndpoint again) && again == endpoint,
                $"{text} became {canonical}.");
            Require(NetEndpoint.TrySplit(text, 7, out _, out ushort port) && (port == endpoint.Port || endpoint is { Port: 0, Address.Network: NetworkId.I2P }),
                $"{text} splits otherwise.");
        });

        Assert.That(parsed, Is.GreaterThan(StreamCount / 20));
        Assert.That(refused, Is.GreaterThan(StreamCount / 20));
    }

    private static void ReadStream(
        FrameReader reader,
        byte[] stream,
        ReadOnlySequence<byte>[] inputs,
        int handshakeAt,
        int[] statuses,
        int[] errors,
        int[] commands)
    {
        int consumed = 0, frameStart = 0;
        for (int i = 0; i < inputs.Length; i++)
        {
            reader.IsHandshakeComplete |= i >= handshakeAt;
            ReadOnlySequence<byte> input = inputs[i];
            FrameReadResult result;
            do
            {
                long left = input.Length;
                result = reader.Read(ref input);
                consumed += (int)(left - input.Length);
                statuses[(int)result.Status]++;
                errors[(int)result.Error]++;
                if (result.Status is FrameReadStatus.Frame or FrameReadStatus.Dropped)
                    frameStart = consumed;
                if (result.Status == FrameReadStatus.Frame)
                {
                    CheckFrame(result.Frame!, result.Header, stream.AsSpan(0, consumed));
                    commands[(int)result.Frame!.Command]++;
                    result.Frame.Release();
                }

                Require(
                    result.Status == FrameReadStatus.Frame == result.Frame is not null, "No frame, or a stray one.");
                Require(
                    reader.BufferedCapacity <= consumed - frameStart + WireLimits.ReadAhead, "It ran ahead too far.");
            }
            while (result.Status is FrameReadStatus.Frame or FrameReadStatus.Dropped);

            if (result.Status == FrameReadStatus.Violation)
            {
                Require(result.Error >= FrameError.WrongMagic, "That error is no violation.");
                Require(reader.BufferedCapacity == 0, "A broken stream needs no buffer.");
                Require(reader.Read(ref input) == result, "A violation was forgotten.");
                return;
            }

            Require(input.IsEmpty, "Who needs more has used what there was.");
        }
    }

    /// <summary>A frame is the last bytes of what was received so far, and it is what its header says.</summary>
    private static void CheckFrame(Frame frame, FrameHeader header, ReadOnlySpan<byte> received)
    {
        Require(received.EndsWith(frame.Memory.Span), "The frame is not the bytes that were sent.");
        Require(frame.Id == MessageId.Compute(frame.Payload), "The id is not that of the payload.");
        Require(
            header == new FrameHeader(frame.Command, (uint)frame.PayloadLength, frame.Id.Checksum), "Another header.");
        Require(frame.Command != Command.Other, "An unknown command was handed out.");
        Require(frame.PayloadLength <= frame.Command.MaxPayload(), "The payload is too large.");
    }

    private static void CheckV1(ReadOnlySpan<byte> bytes, Span<byte> again)
    {
        var reader = new WireReader(bytes);
        while (AddressCodec.TryReadV1(ref reader, out NetEndpoint endpoint))
        {
            ReadOnlySpan<byte> read = bytes[..^reader.Remaining][^AddressCodec.V1EndpointSize..];
            var writer = new WireWriter(again);
            AddressCodec.WriteV1(ref writer, endpoint);
            bool isSame = again[..writer.Written].SequenceEqual(read);
            Require(isSame || endpoint.Address == NetAddress.None, "Written otherwise.");
        }
    }

    /// <summary>Reads v2 addresses as long as there are any.</summary>
    /// <returns>False when one of them is malformed.</returns>
    private static bool CheckV2(ReadOnlySpan<byte> bytes, Span<byte> again)
    {
        var reader = new WireReader(bytes);
        while (reader.Remaining > 0)
        {
            ReadOnlySpan<byte> rest = bytes[^reader.Remaining..];
            if (!AddressCodec.TryReadV2(ref reader, out NetEndpoint endpoint))
                return false;
            if (endpoint.Address == NetAddress.None)
                continue;

            var writer = new WireWriter(again);
            AddressCodec.WriteV2(ref writer, endpoint);
            Require(writer.Written == AddressCodec.GetV2Size(endpoint), "The size was not the size.");
            Require(again[..writer.Written].SequenceEqual(rest[..^reader.Remaining]), "Written otherwise.");
        }

        return true;
    }

    /// <summary>Payloads as the generator makes them, mutated ones, and bytes that never were a payload.</summary>
    private static void CheckCodec(Func<TestRandom, byte[]> next, Func<byte[], DecodeStatus> check)
    {
        int ok = 0, other = 0;
        ForEachSeed(random =>
        {
            byte[] payload = random.Below(8) switch
            {
                0 => random.Bytes(random.Length(1200)),
                1 => next(random),
                _ => Mutate(random, next(random), random.Between(1, 4)),
            };
            if (check(payload) == DecodeStatus.Ok)
                ok++;
            else
                other++;
        });

        Assert.That(ok, Is.GreaterThan(StreamCount / 20), "Much must be readable.");
        Assert.That(other, Is.GreaterThan(StreamCount / 20), "Much must be unreadable.");
    }

    private static void ForEachSeed(Action<TestRandom> check)
    {
        // The first streams are run twice: what the runtime allocates once in its life is not measured the second time.
        for (int i = -WarmUpCount; i < StreamCount; i++)
        {
            ulong seed = FirstSeed + (ulong)Math.Abs(i);
            try
            {
                check(new TestRandom(seed));
            }
            catch (Exception exception) when (i >= 0)
            {
                Assert.Fail($"LOGOS_P2P_FUZZ_SEED={seed}: {exception}");
            }
            catch (InvalidOperationException)
            {
                // It will fail again, and be heard.
            }
        }
    }

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
            throw new InvalidOperationException(otherwise);
    }

    private static void RequireAllocated(int most, Action decode)
    {
        long allocated = Allocations.Least(decode, most);
        if (allocated > most)
            throw new InvalidOperationException($"{allocated} bytes were allocated where {most} are enough.");
    }

    private static byte[] NextStream(TestRandom random)
    {
        switch (random.Below(10))
        {
            case 0:
                return random.Bytes(random.Length(300));
            case 1:
                return WireBytes.Concat(WireBytes.RegtestMagic, random.Bytes(random.Length(300)));
            case 2 when random.OneIn(200):
                return WireBytes.Frame("logos", random.Bytes(random.Between(200_000, 900_000)));
            default:
                IEnumerable<int> frames = Enumerable.Range(0, random.Between(1, 4));
                byte[] stream = WireBytes.Concat(frames.Select(_ => NextFrame(random)));
                return random.OneIn(3) ? stream : Mutate(random, stream, random.Between(1, 3));
        }
    }

    private static byte[] NextFrame(TestRandom random)
    {
        string name = random.Pick(Names);
        byte[] payload = name switch
        {
            "version" => NextVersion(random),
            "feature" => NextFeature(random),
            "addr" => NextAddresses(random, v2: false),
            "addrv2" => NextAddresses(random, v2: true),
            "ping" or "pong" => random.Bytes(8),
            "inv" or "getdata" or "notfound" => NextInventory(random),
            "verack" or "sendaddrv2" or "getaddr" => [],
            "have" or "want" => random.Bytes(6 * random.Length(200)),
            "late" or "early" => random.Bytes(8),
            "coming" => random.Bytes(10),
            "hold" => random.Bytes(6),
            "graft" => random.Bytes(4),
            "wantshort" or "lackshort" => random.Bytes(16 + (6 * random.Length(200))),
            _ => random.Bytes(random.Length(1500)),
        };
        return random.OneIn(12)
            ? WireBytes.Frame(name, payload, random.Pick(InterestingLengths))
            : WireBytes.Frame(name, payload);
    }

    private static ReadOnlySequence<byte>[] NextInputs(TestRandom random, byte[] stream)
    {
        int longest = Math.Max(random.Pick([1, 7, 30, 300, 5000]), stream.Length / 50);
        List<ReadOnlyMemory<byte>> pieces = WireBytes.Fragments(random, stream, longest);
        return random.OneIn(3)
            ? [.. pieces.Chunk(random.Between(2, 5)).Select(c => WireBytes.Segments(c))]
            : [.. pieces.Select(p => new ReadOnlySequence<byte>(p))];
    }

    private static byte[] NextVersion(TestRandom random)
    {
        var message = new VersionMessage
        {
            ProtocolVersion = (int)random.NextUInt64(),
            Services = (Services)random.NextUInt64(),
            Time = (long)random.NextUInt64(),
            Receiver = new NetEndpoint(NetAddress.FromV1(NextV1Address(random)), (ushort)random.NextUInt64()),
            Nonce = random.NextUInt64(),
            UserAgent = Encoding.Latin1.GetString(random.Bytes(random.Length(WireLimits.MaxUserAgent))),
            StartHeight = (int)random.NextUInt64(),
            Relay = random.OneIn(2),
        };
        byte[] payload = new byte[message.GetSize()];
        message.Write(payload);
        return payload;
    }

    private static byte[] NextFeature(TestRandom random)
    {
        var message = new FeatureMessage(random.Bytes(random.Between(4, 80)), random.Bytes(random.Length(512)));
        byte[] payload = new byte[message.GetSize()];
        message.Write(payload);
        return payload;
    }

    private static byte[] NextAddresses(TestRandom random, bool v2)
    {
        int count = random.OneIn(500) ? random.Between(990, 1010) : random.Length(30);
        IEnumerable<byte[]> entries = Enumerable.Range(0, count).Select(_ => v2
            ? WireBytes.Concat(random.Bytes(4), [(byte)random.Below(0xFD)], NextV2Address(random, 1))
            : WireBytes.Concat(random.Bytes(12), NextV1Address(random), random.Bytes(2)));
        return WireBytes.Concat([CompactSize(count), .. entries]);
    }

    private static byte[] NextV1Address(TestRandom random) => random.Below(6) switch
    {
        0 => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, .. random.Bytes(4)],
        1 => [0xFD, 0x87, 0xD8, 0x7E, 0xEB, 0x43, .. random.Bytes(10)],
        2 => [0xFD, 0x6B, 0x88, 0xC0, 0x87, 0x24, .. random.Bytes(10)],
        3 => new byte[16],
        _ => random.Bytes(16),
    };

    private static byte[] NextV2Address(TestRandom random, int count) =>
        WireBytes.Concat(Enumerable.Range(0, count).Select(_ =>
        {
            byte network = random.OneIn(8) ? (byte)random.NextUInt64() : (byte)random.Between(0, 6);
            byte[] address = network switch
            {
                1 => random.Bytes(4),
                2 => NextV1Address(random),
                4 or 5 => random.Bytes(32),
                6 => [random.OneIn(4) ? (byte)0xFD : (byte)0xFC, .. random.Bytes(15)],
                _ => random.Bytes(random.Length(80)),
            };
            return WireBytes.Concat([network], CompactSize(address.Length), address, random.Bytes(2));
        }));

    private static byte[] NextInventory(TestRandom random)
    {
        int count = random.OneIn(1000) ? random.Pick([49_999, 50_001, 65_535]) : random.Length(20);
        uint type = random.OneIn(4) ? (uint)random.NextUInt64() : InventoryCodec.LogosType;
        return WireBytes.Concat(
        [
            CompactSize(count),
            .. Enumerable.Range(0, Math.Min(count, 20)).Select(_ =>
                WireBytes.Concat([(byte)type, (byte)(type >> 8), 0, 0], random.Bytes(MessageId.Size))),
        ]);
    }

    private static byte[] CompactSize(int value) =>
        value < 0xFD ? [(byte)value] : [0xFD, (byte)value, (byte)(value >> 8)];

    private static byte[] Mutate(TestRandom random, byte[] bytes, int times)
    {
        List<byte> mutated = [.. bytes];
        for (; times > 0; times--)
        {
            int at = random.Below(mutated.Count + 1);
            int count = Math.Min(random.Length(16), mutated.Count - at);
            switch (random.Below(6))
            {
                case 0 when at < mutated.Count:
                    mutated[at] ^= (byte)(1 << random.Below(8));
                    break;
                case 1 when at < mutated.Count:
                    mutated[at] = random.Pick(InterestingBytes);
                    break;
                case 2:
                    mutated.RemoveRange(at, count);
                    break;
                case 3:
                    mutated.InsertRange(at, random.Bytes(random.Length(16)));
                    break;
                case 4:
                    mutated.InsertRange(at, mutated.GetRange(at, count));
                    break;
                case 5 when random.OneIn(4):
                    mutated.RemoveRange(at, mutated.Count - at);
                    break;
            }
        }

        return [.. mutated];
    }

    private static string NextText(TestRandom random)
    {
        if (random.OneIn(8))
        {
            IEnumerable<int> length = Enumerable.Range(0, random.Length(60));
            return new string([.. length.Select(_ => Letters[random.Below(Letters.Length)])]);
        }

        var text = new StringBuilder(random.Pick(Texts));
        for (int times = random.Below(4); times > 0; times--)
        {
            int at = random.Below(text.Length + 1);
            int count = Math.Min(random.Length(8), text.Length - at);
            switch (random.Below(4))
            {
                case 0:
                    text.Remove(at, count);
                    break;
                case 1:
                    text.Insert(at, Letters[random.Below(Letters.Length)]);
                    break;
                case 2 when at < text.Length:
                    text[at] = Letters[random.Below(Letters.Length)];
                    break;
                default:
                    text.Insert(at, text.ToString(at, count));
                    break;
            }
        }

        return text.ToString();
    }
}
