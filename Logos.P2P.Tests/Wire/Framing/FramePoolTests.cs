using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Wire;

public sealed class FramePoolTests
{
    private static readonly int[] InterestingLengths =
    [
        24, 32, 280, 511, 512, 513, 1024, 1025, 65_536, 131_073, 262_143, 262_144, 262_145, 262_168, 524_288, 524_289,
        1_000_000, 1_800_027, 3_932_160, 3_932_161, 4_000_023, 4_000_024,
    ];

    private FramePool _pool = null!;

    [SetUp]
    public void Create_pool() => _pool = new FramePool(P2PNetwork.Regtest);

    [TestCase(P2PNetwork.Main, "f9beb4d9")]
    [TestCase(P2PNetwork.Test, "0b110907")]
    [TestCase(P2PNetwork.Regtest, "fabfb5da")]
    public void A_frame_carries_the_magic_of_its_network(P2PNetwork network, string magic)
    {
        var pool = new FramePool(network);

        Frame frame = pool.Create(Command.Verack);

        Assert.That(pool.Network, Is.EqualTo(network));
        Assert.That(WireBytes.Hex(frame.Memory.Span),
            Is.EqualTo(magic + "76657261636b000000000000" + "00000000" + "0e5751c0"));
    }

    [Test]
    public void A_frame_is_header_and_payload()
    {
        byte[] payload = new TestRandom(3).Bytes(300);

        Frame frame = _pool.Create(Command.Logos, payload);

        Assert.Multiple(() =>
        {
            Assert.That(frame.Command, Is.EqualTo(Command.Logos));
            Assert.That(frame.PayloadLength, Is.EqualTo(300));
            Assert.That(frame.Length, Is.EqualTo(324));
            Assert.That(frame.Payload.SequenceEqual(payload));
            Assert.That(frame.Id, Is.EqualTo(MessageId.Compute(payload)));
            Assert.That(frame.Memory.ToArray(), Is.EqualTo(WireBytes.Frame("logos", payload)));
            Assert.That(frame.Capacity, Is.GreaterThanOrEqualTo(frame.Length));
        });
    }

    [TestCase(Command.Verack, 1)]
    [TestCase(Command.Ping, 9)]
    [TestCase(Command.Version, 1025)]
    [TestCase(Command.Logos, 4_000_001)]
    public void A_payload_larger_than_its_command_allows_is_not_framed(Command command, int length)
    {
        Assert.That(() => _pool.Create(command, new byte[length]), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(_pool.PayloadsHashed, Is.Zero);
    }

    [Test]
    public void A_command_that_is_none_is_not_framed()
    {
        Assert.That(() => _pool.Create(Command.Other), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => _pool.Create(Command.Other, [1]), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void More_entries_than_the_wire_allows_are_not_framed([Values(1001, 200_000)] int count)
    {
        var addresses = new TimedAddress[count];

        Assert.That(() => _pool.Create(addresses, v2: false), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => _pool.Create(addresses, v2: true), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(_pool.UsedFrames, Is.Zero, "The buffer was given back.");
    }

    [Test]
    public void More_ids_than_the_wire_allows_are_not_framed([Values(50_001, 120_000)] int count)
    {
        Assert.That(
            () => _pool.Create(Command.Inv, new MessageId[count]), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void A_nonce_or_a_list_of_ids_makes_only_the_frames_that_hold_one()
    {
        Assert.That(() => _pool.Create(Command.Verack, 1UL), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => _pool.Create(Command.Ping, new MessageId[1]), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void A_user_agent_that_no_peer_would_read_is_not_framed()
    {
        VersionMessage message = VersionMessageTests.Example with { UserAgent = new string('x', 257) };

        Assert.That(() => _pool.Create(message), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(_pool.UsedFrames, Is.Zero, "The buffer was given back.");
    }

    [TestCase(3, 0)]
    [TestCase(81, 0)]
    [TestCase(4, 513)]
    public void A_feature_that_no_peer_would_read_is_not_framed(int idLength, int dataLength)
    {
        var message = new FeatureMessage(new byte[idLength], new byte[dataLength]);

        Assert.That(() => _pool.Create(message), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(_pool.UsedFrames, Is.Zero, "The buffer was given back.");
    }

    [TestCaseSource(nameof(InterestingLengths))]
    public void A_buffer_is_large_enough_and_not_much_larger(int length)
    {
        Frame frame = _pool.Rent(length);

        int largest = length <= WireLimits.ReadAhead ? Math.Max(512, 2 * length) : length + WireLimits.ReadAhead - 1;
        Assert.That(frame.Capacity, Is.InRange(length, largest));
    }

    [TestCaseSource(nameof(InterestingLengths))]
    public void A_released_frame_is_rented_again(int length)
    {
        Frame frame = _pool.Rent(length);
        frame.Release();
        Assert.That(_pool.RetainedBytes, Is.EqualTo(frame.Capacity));

        Frame again = _pool.Rent(length);

        Assert.That(again, Is.SameAs(frame));
        Assert.That(_pool.RetainedBytes, Is.Zero);
    }

    [TestCaseSource(nameof(InterestingLengths))]
    public void A_released_frame_serves_whatever_has_its_capacity(int length)
    {
        Frame frame = _pool.Rent(length);
        frame.Release();

        Assert.That(_pool.Rent(frame.Capacity), Is.SameAs(frame));
    }

    [Test]
    public void A_frame_is_returned_by_its_last_owner()
    {
        Frame frame = _pool.Create(Command.Logos, [1]);
        frame.AddReference();
        frame.AddReference();

        frame.Release();
        frame.Release();
        Assert.That(_pool.RetainedBytes, Is.Zero, "One owner is left.");

        frame.Release();
        Assert.That(_pool.RetainedBytes, Is.EqualTo(frame.Capacity));
    }

    [Test]
    public void Releasing_a_frame_more_often_than_it_was_owned_throws()
    {
        Frame frame = _pool.Create(Command.Logos, [1]);
        frame.Release();

        Assert.That(frame.Release, Throws.InvalidOperationException.With.Message.Contains("released twice"));
        Assert.That(_pool.RetainedBytes, Is.EqualTo(frame.Capacity), "It must be in the pool once.");
    }

    [Test]
    public void A_frame_released_twice_is_whole_again_when_rented()
    {
        Frame frame = _pool.Create(Command.Logos, [1]);
        frame.Release();
        Assert.That(frame.Release, Throws.InvalidOperationException);

        Frame again = _pool.Create(Command.Logos, [2]);
        again.AddReference();
        again.Release();
        Assert.That(_pool.RetainedBytes, Is.Zero);
        again.Release();

        Assert.That(again, Is.SameAs(frame));
        Assert.That(_pool.RetainedBytes, Is.EqualTo(frame.Capacity));
    }

    [Test]
    public void Owners_on_many_threads_return_a_frame_once()
    {
        const int Owners = 8, Rounds = 2000;
        Frame frame = _pool.Create(Command.Logos, [1]);
        for (int i = 1; i < Owners; i++)
            frame.AddReference();

        Parallel.For(0, Owners, _ =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                frame.AddReference();
                frame.Release();
            }

            frame.Release();
        });

        Assert.That(_pool.RetainedBytes, Is.EqualTo(frame.Capacity));
        Assert.That(frame.Release, Throws.InvalidOperationException);
    }

    [TestCase(512)]
    [TestCase(300_000)]
    [TestCase(4_000_024)]
    public void What_is_kept_for_reuse_is_bounded(int length)
    {
        int capacity = _pool.Rent(length).Capacity;
        int count = (int)(FramePool.MaxRetainedBytes / capacity) + 10;
        Frame[] frames = [.. Enumerable.Range(0, count).Select(_ => _pool.Rent(length))];

        foreach (Frame frame in frames)
        {
            frame.Release();
            Assert.That(_pool.RetainedBytes, Is.InRange(0, FramePool.MaxRetainedBytes));
        }

        Assert.That(_pool.RetainedBytes, Is.GreaterThanOrEqualTo(capacity), "Something must be kept.");
        for (int i = 0; i < count; i++)
            _pool.Rent(length);
        Assert.That(_pool.RetainedBytes, Is.Zero, "What was kept must be handed out again.");
    }

    [Test]
    public void A_frame_of_less_than_nothing_is_not_begun()
    {
        Assert.That(() => _pool.Build(-1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(_pool.UsedFrames, Is.Zero);
    }

    [Test]
    public void Frames_in_use_and_frames_kept_are_counted_with_their_bytes()
    {
        Frame small = _pool.Rent(24), other = _pool.Rent(512), large = _pool.Rent(300_000);
        long bytes = small.Capacity + other.Capacity + large.Capacity;
        Assert.That((_pool.UsedFrames, _pool.UsedBytes), Is.EqualTo((3L, bytes)));
        Assert.That((_pool.RetainedFrames, _pool.RetainedBytes), Is.EqualTo((0, 0L)));

        foreach (Frame frame in (Frame[])[small, other, large])
            frame.Release();

        Assert.That((_pool.UsedFrames, _pool.UsedBytes), Is.EqualTo((0L, 0L)));
        Assert.That((_pool.RetainedFrames, _pool.RetainedBytes), Is.EqualTo((3, bytes)));
    }

    [Test]
    public void Large_frames_that_are_kept_leave_small_ones_their_place()
    {
        FillWith(4_000_024);
        long large = _pool.RetainedBytes;

        FillWith(262_144);

        Assert.That(_pool.RetainedBytes - large, Is.GreaterThan(FramePool.MaxRetainedBytes - (2 * 262_144)));
        Assert.That(_pool.RetainedBytes, Is.LessThanOrEqualTo(2 * FramePool.MaxRetainedBytes));

        void FillWith(int length)
        {
            int count = (int)(FramePool.MaxRetainedBytes / length) + 10;
            Frame[] frames = [.. Enumerable.Range(0, count).Select(_ => _pool.Rent(length))];
            foreach (Frame frame in frames)
                frame.Release();
        }
    }

    [Test]
    public void A_frame_that_nobody_owns_cannot_be_shared()
    {
        Frame frame = _pool.Create(Command.Logos, [1]);
        frame.Release();

        Assert.That(frame.AddReference, Throws.InvalidOperationException.With.Message.Contains("nobody owns"));
        Assert.That(frame.AddReference, Throws.InvalidOperationException, "However often.");
        Assert.That(frame.Release, Throws.InvalidOperationException);
        Assert.That((_pool.UsedFrames, _pool.RetainedFrames), Is.EqualTo((0L, 1)));
    }

    [Test]
    public void A_chunk_has_the_hash_that_it_is_known_by_and_is_not_hashed_again()
    {
        byte[] bytes = new TestRandom(5).Bytes(20_000);
        MessageId id = MessageId.Compute(bytes);

        Frame frame = _pool.CreateChunk(bytes, id);

        Assert.That(frame.Memory.ToArray(), Is.EqualTo(WireBytes.Frame("chunk", bytes)));
        Assert.That(frame.Id, Is.EqualTo(id));
        Assert.That(_pool.PayloadsHashed, Is.Zero);
    }

    [Test]
    public void A_list_of_chunks_and_what_is_said_of_it_are_read_as_they_were_written()
    {
        byte[] message = new TestRandom(6).Bytes(ChunkList.SmallestMessage);
        var list = ChunkList.Of(message, MessageId.Compute(message));
        ShortId name = ShortId.Of(list.Message, new ShortIdKey(1, 2));

        Frame listed = _pool.Create(list), said = _pool.Create(Command.HaveChunk, name, [3, 1, 4]);

        Assert.That(ChunkList.TryRead(listed.Payload, out ChunkList? read), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(read!.Ids.SequenceEqual(list.Ids));
        Assert.That(ChunkIndexCodec.TryRead(said.Payload, out ShortId of, out ReadOnlySpan<byte> indexes), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(of, Is.EqualTo(name));
        Assert.That(indexes.ToArray(), Is.EqualTo(new byte[] { 3, 1, 4 }));
    }

    [Test]
    public void A_payload_is_hashed_once_however_many_own_the_frame()
    {
        Frame frame = _pool.Create(Command.Logos, [1, 2, 3]);
        Assert.That(_pool.PayloadsHashed, Is.EqualTo(1));

        for (int i = 0; i < 100; i++)
        {
            frame.AddReference();
            Assert.That(frame.Memory.Length, Is.EqualTo(27));
            Assert.That(frame.Id.Checksum, Is.Not.Zero);
        }

        Assert.That(_pool.PayloadsHashed, Is.EqualTo(1));
    }

    [Test]
    public void Making_and_releasing_a_frame_allocates_nothing_in_steady_state()
    {
        byte[] payload = new byte[256];

        long allocated = Allocations.Least(() =>
        {
            for (int i = 0; i < 1000; i++)
                _pool.Create(Command.Logos, payload).Release();
        });

        Assert.That(allocated, Is.Zero);
    }
}
