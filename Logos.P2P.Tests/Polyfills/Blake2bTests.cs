using System.Runtime.InteropServices;
using Blake2Fast;
using Blake2Fast.Implementation;
using NUnit.Framework;

namespace Logos.P2P.Tests.Polyfills;

/// <summary>That how a message is handed over does not matter, and what is refused.</summary>
[TestFixture]
internal sealed class Blake2bTests
{
    private const int EveryLengthUpTo = 300;

    private static IEnumerable<int> DigestLengths => Enumerable.Range(1, 64);

    private static IEnumerable<int> Seeds => Enumerable.Range(1, 20);

    private static IEnumerable<TestCaseData> BadDigestLengths()
    {
        yield return new TestCaseData(int.MinValue);
        yield return new TestCaseData(-1);
        yield return new TestCaseData(0);
        yield return new TestCaseData(65);
        yield return new TestCaseData(256 + 32);
    }

    [TestCaseSource(nameof(DigestLengths))]
    public void Messages_of_every_length_agree_with_the_slow_reference(int digestLength)
    {
        byte[] bytes = RandomBytes(seed: digestLength, EveryLengthUpTo);
        byte[] key = RandomBytes(seed: -digestLength, digestLength);
        byte[] digest = new byte[digestLength];
        var wrong = new List<string>();

        for (int length = 0; length <= EveryLengthUpTo; length++)
        {
            byte[] message = bytes[..length];

            Blake2b.ComputeAndWriteHash(digestLength, message, digest);
            if (!digest.AsSpan().SequenceEqual(Blake2bReference.Digest(digestLength, [], message)))
                wrong.Add($"{length}");

            Blake2b.ComputeAndWriteHash(digestLength, key, message, digest);
            if (!digest.AsSpan().SequenceEqual(Blake2bReference.Digest(digestLength, key, message)))
                wrong.Add($"{length} with a key");
        }

        Assert.That(wrong, Is.Empty);
    }

    [Test]
    public void Hashing_in_any_two_parts_gives_the_one_shot_digest()
    {
        byte[] bytes = RandomBytes(seed: 1, EveryLengthUpTo);
        byte[] expected = new byte[32];
        byte[] digest = new byte[32];
        var wrong = new List<string>();

        for (int length = 0; length <= EveryLengthUpTo; length++)
        {
            Blake2b.ComputeAndWriteHash(32, bytes.AsSpan(0, length), expected);

            for (int first = 0; first <= length; first++)
            {
                Blake2bHashState state = Blake2b.CreateIncrementalHasher(32);
                state.Update(bytes.AsSpan(0, first));
                state.Update(bytes.AsSpan(first, length - first));
                state.Finish(digest);

                if (!digest.AsSpan().SequenceEqual(expected))
                    wrong.Add($"{first} of {length}");
            }
        }

        Assert.That(wrong, Is.Empty);
    }

    [TestCaseSource(nameof(Seeds))]
    public void Hashing_in_any_split_gives_the_one_shot_digest(int seed)
    {
        var random = new Random(seed);
        byte[] message = RandomBytes(seed, random.Next(1_000, 200_000));
        byte[] key = RandomBytes(seed, random.Next(0, 65));
        int digestLength = random.Next(1, 65);
        byte[] expected = new byte[digestLength];
        byte[] digest = new byte[digestLength];
        Blake2b.ComputeAndWriteHash(digestLength, key, message, expected);

        Blake2bHashState state = Blake2b.CreateIncrementalHasher(digestLength, key);

        for (int from = 0; from < message.Length;)
        {
            // Some parts within a block, some over many, some ending where a block does.
            int part = random.Next(4) switch
            {
                0 => random.Next(0, 8),
                1 => random.Next(0, 300),
                2 => 128 * random.Next(0, 5),
                _ => random.Next(0, 20_000),
            };

            part = Math.Min(part, message.Length - from);
            state.Update<byte>(message.AsSpan(from, part));
            from += part;
        }

        state.Finish(digest);

        Assert.That(digest, Is.EqualTo(expected));
    }

    [Test]
    public void An_empty_key_is_no_key()
    {
        byte[] message = RandomBytes(seed: 2, 200);
        byte[] withNone = new byte[32];
        byte[] withEmpty = new byte[32];

        Blake2b.ComputeAndWriteHash(32, message, withNone);
        Blake2b.ComputeAndWriteHash(32, [], message, withEmpty);

        Assert.That(withEmpty, Is.EqualTo(withNone));
    }

    [Test]
    public void A_copied_state_goes_on_by_itself()
    {
        byte[] message = RandomBytes(seed: 3, 500);
        Blake2bHashState state = Blake2b.CreateIncrementalHasher(32);
        state.Update<byte>(message.AsSpan(0, 300));
        byte[] early = new byte[32];
        byte[] late = new byte[32];

        Blake2bHashState copy = state;
        copy.Finish(early);
        state.Update<byte>(message.AsSpan(300));
        state.Finish(late);

        Assert.Multiple(() =>
        {
            Assert.That(early, Is.EqualTo(Blake2bReference.Digest(32, [], message[..300])));
            Assert.That(late, Is.EqualTo(Blake2bReference.Digest(32, [], message)));
        });
    }

    [Test]
    public void Numbers_are_hashed_as_they_lie_in_memory()
    {
        uint[] numbers = [0x01020304, 0xfffefdfc, 7];
        byte[] digest = new byte[32];

        Blake2bHashState state = Blake2b.CreateIncrementalHasher(32);
        state.Update<uint>(numbers.AsSpan());
        state.Finish(digest);

        byte[] bytes = MemoryMarshal.AsBytes<uint>(numbers).ToArray();
        Assert.That(digest, Is.EqualTo(Blake2bReference.Digest(32, [], bytes)));
    }

    [Test]
    public void A_digest_may_go_where_the_message_was()
    {
        byte[] message = RandomBytes(seed: 4, 64);
        byte[] expected = Blake2bReference.Digest(32, [], message);

        Blake2b.ComputeAndWriteHash(32, message, message);

        Assert.That(message[..32], Is.EqualTo(expected));
    }

    [Test]
    public void Nothing_is_written_behind_the_digest()
    {
        byte[] oneShot = [.. Enumerable.Repeat((byte)0xaa, 64)];
        byte[] incremental = [.. oneShot];

        Blake2b.ComputeAndWriteHash(20, "abc"u8, oneShot);
        Blake2b.CreateIncrementalHasher(20).Finish(incremental);

        Assert.Multiple(() =>
        {
            Assert.That(oneShot[20..], Is.All.EqualTo(0xaa));
            Assert.That(incremental[20..], Is.All.EqualTo(0xaa));
        });
    }

    [Test]
    public void Hashing_allocates_nothing()
    {
        byte[] message = RandomBytes(seed: 5, 1000);
        byte[] digest = new byte[32];
        Hash();

        long allocated = Allocations.Least(() =>
        {
            for (int i = 0; i < 100; i++)
                Hash();
        });

        Assert.That(allocated, Is.Zero);

        void Hash()
        {
            Blake2b.ComputeAndWriteHash(32, message, digest);
            Blake2b.ComputeAndWriteHash(32, digest, message, digest);

            Blake2bHashState state = Blake2b.CreateIncrementalHasher(32);
            state.Update<byte>(message.AsSpan(0, 700));
            state.Update<byte>(message.AsSpan(700));
            state.Finish(digest);
        }
    }

    [TestCaseSource(nameof(DigestLengths))]
    public void A_state_knows_the_length_of_its_digest(int digestLength) =>
        Assert.That(Blake2b.CreateIncrementalHasher(digestLength).DigestLength, Is.EqualTo(digestLength));

    [TestCaseSource(nameof(BadDigestLengths))]
    public void There_are_digests_of_1_to_64_bytes_only(int digestLength)
    {
        Assert.Multiple(() =>
        {
            Assert.That(() => Blake2b.CreateIncrementalHasher(digestLength), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(
                () => Blake2b.ComputeAndWriteHash(digestLength, [], new byte[1000]),
                Throws.InstanceOf<ArgumentOutOfRangeException>());
        });
    }

    [Test]
    public void A_key_of_more_than_64_bytes_is_refused()
    {
        Assert.Multiple(() =>
        {
            Assert.That(() => Blake2b.CreateIncrementalHasher(32, new byte[65]), Throws.ArgumentException);
            Assert.That(
                () => Blake2b.ComputeAndWriteHash(32, new byte[65], [], new byte[32]), Throws.ArgumentException);
        });
    }

    [Test]
    public void An_output_that_is_too_small_is_refused_and_the_state_can_still_finish()
    {
        Blake2bHashState state = Blake2b.CreateIncrementalHasher(32);
        byte[] digest = new byte[32];

        Assert.That(() => Blake2b.ComputeAndWriteHash(32, [], new byte[31]), Throws.ArgumentException);
        Assert.That(() => state.Finish(new byte[31]), Throws.ArgumentException);
        Assert.That(() => state.Finish(digest), Throws.Nothing);
        Assert.That(digest, Is.EqualTo(Blake2bReference.Digest(32, [], [])));
    }

    [Test]
    public void A_state_that_was_not_made_or_is_finished_is_refused()
    {
        Blake2bHashState none = default;
        Blake2bHashState finished = Blake2b.CreateIncrementalHasher(32);
        finished.Finish(new byte[32]);

        Assert.Multiple(() =>
        {
            Assert.That(() => none.Update("abc"u8), Throws.InvalidOperationException);
            Assert.That(() => none.Finish(new byte[64]), Throws.InvalidOperationException);
            Assert.That(() => finished.Update("abc"u8), Throws.InvalidOperationException);
            Assert.That(() => finished.Finish(new byte[32]), Throws.InvalidOperationException);
        });
    }

    [Test]
    public void Things_with_references_in_them_are_not_messages()
    {
        Blake2bHashState state = Blake2b.CreateIncrementalHasher(32);
        (int, string)[] things = [(1, "one")];

        Assert.That(() => state.Update<(int, string)>(things.AsSpan()), Throws.InstanceOf<NotSupportedException>());
    }

    private static byte[] RandomBytes(int seed, int length)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
