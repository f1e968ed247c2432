using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Wire;

/// <summary>What a message is cut into, and how that is told.</summary>
public sealed class ChunkListTests
{
    [TestCase(131_072, 16_360, 9)]
    [TestCase(256_000, 16_360, 16)]
    [TestCase(261_760, 16_360, 16)]
    [TestCase(261_761, 32_744, 8)]
    [TestCase(523_904, 32_744, 16)]
    [TestCase(523_905, 65_512, 8)]
    [TestCase(1_000_000, 65_512, 16)]
    [TestCase(4_000_000, 65_512, 62)]
    [Category("Slow")]
    public void A_message_is_cut_into_at_most_16_chunks_of_the_smallest_size_that_does(int length, int chunkSize, int count)
    {
        byte[] message = new byte[length];
        new Random(1).NextBytes(message);

        ChunkList list = ChunkList.Of(message, MessageId.Compute(message));

        Assert.That((list.ChunkSize, list.Count), Is.EqualTo((chunkSize, count)));
        Assert.That(Enumerable.Range(0, count).SelectMany(i => message[list.RangeOf(i)]), Is.EqualTo(message));
        for (int i = 0; i < count; i++)
        {
            Assert.That(list.LengthOf(i), Is.EqualTo(message[list.RangeOf(i)].Length));
            Assert.That(list.Ids[i], Is.EqualTo(MessageId.Compute(message[list.RangeOf(i)])));
        }
    }

    [Test]
    public void What_is_smaller_is_not_cut() =>
        Assert.That(() => ChunkList.Of(new byte[131_071], MessageId.Empty), Throws.InstanceOf<ArgumentOutOfRangeException>());

    [TestCase(16_384)]
    [TestCase(32_768)]
    [TestCase(65_536)]
    public void A_full_chunk_with_its_header_fills_a_buffer(int capacity)
    {
        var pool = new FramePool(P2PNetwork.Regtest);
        Frame frame = pool.Create(Command.Chunk, new byte[capacity - 24]);

        Assert.That((frame.Length, frame.Capacity), Is.EqualTo((capacity, capacity)));
        frame.Release();
    }

    [Test]
    public void A_list_is_read_as_it_was_written()
    {
        byte[] message = new byte[300_000];
        new Random(1).NextBytes(message);
        ChunkList list = ChunkList.Of(message, MessageId.Compute(message));

        Assert.That(ChunkList.TryRead(Write(list), out ChunkList? read), Is.EqualTo(DecodeStatus.Ok));

        Assert.That((read!.Message, read.Length, read.ChunkSize), Is.EqualTo((list.Message, 300_000, 32_744)));
        Assert.That(read.Ids.ToArray(), Is.EqualTo(list.Ids.ToArray()));
    }

    [TestCase(131_071u, 16_360u)]
    [TestCase(4_000_001u, 65_512u)]
    [TestCase(uint.MaxValue, 65_512u)]
    [TestCase(200_000u, 16_384u)]
    [TestCase(200_000u, 8_168u)]
    [TestCase(200_000u, 131_048u)]
    [TestCase(200_000u, 0u)]
    [TestCase(200_000u, uint.MaxValue)]
    public void A_length_or_a_chunk_size_that_is_not_allowed_is_malformed(uint length, uint chunkSize)
    {
        byte[] payload = Write(ChunkList.Of(new byte[200_000], MessageId.Empty));
        BitConverter.TryWriteBytes(payload.AsSpan(32), length);
        BitConverter.TryWriteBytes(payload.AsSpan(36), chunkSize);

        Assert.That(ChunkList.TryRead(payload, out ChunkList? list), Is.EqualTo(DecodeStatus.Malformed));
        Assert.That(list, Is.Null);
    }

    [Test]
    public void A_list_has_as_many_ids_as_its_message_has_chunks()
    {
        byte[] payload = Write(ChunkList.Of(new byte[200_000], MessageId.Empty));

        for (int length = 0; length < payload.Length; length++)
            Assert.That(ChunkList.TryRead(payload.AsSpan(0, length), out _), Is.EqualTo(DecodeStatus.Malformed), $"{length}");
        Assert.That(ChunkList.TryRead([.. payload, 0], out _), Is.EqualTo(DecodeStatus.Malformed));
        Assert.That(ChunkList.TryRead([.. payload, .. new byte[32]], out _), Is.EqualTo(DecodeStatus.Malformed));
    }

    [Test]
    public void Indexes_fit_in_a_byte_and_the_longest_list_in_its_bound()
    {
        Assert.That(ChunkList.MaxCount, Is.EqualTo(245).And.LessThan(byte.MaxValue));
        Assert.That(Command.Chunks.MaxPayload(), Is.EqualTo(40 + (245 * 32)));
        Assert.That(Command.Chunk.MaxPayload(), Is.EqualTo(ChunkList.LargestChunk));
    }

    [Test]
    public void A_frame_is_put_together_in_place()
    {
        var pool = new FramePool(P2PNetwork.Regtest);
        byte[] message = new byte[200_000];
        new Random(1).NextBytes(message);
        FrameBuilder builder = pool.Build(message.Length);
        message.CopyTo(builder.Payload);

        Frame frame = builder.Seal();
        Assert.That((frame.Command, frame.Id), Is.EqualTo((Command.Logos, MessageId.Compute(message))));
        Assert.That(frame.Payload.ToArray(), Is.EqualTo(message));

        frame.Release();
        pool.Build(message.Length).Cancel();
        Assert.That(pool.UsedFrames, Is.Zero);
    }

    private static byte[] Write(ChunkList list)
    {
        byte[] payload = new byte[list.Size];
        list.Write(payload);
        return payload;
    }
}
