using System.Buffers.Binary;
using Blake2Fast;
using Logos.P2P.AddrMan;
using Logos.P2P.Tests.Conformance;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.AddrMan;

/// <summary>The bytes of a `peers.dat`, good and bad. Offsets are those of `docs/peers-dat.md`.</summary>
[TestFixture]
internal sealed class PeersFileTests
{
    private const int FormatAt = 4;
    private const int CompatibilityAt = 5;
    private const int KeySizeAt = 6;
    private const int NewCountAt = 39;
    private const int TriedCountAt = 43;
    private const int GroupingAt = 47;

    private static readonly PeersImage Image = Of(Sample());
    private static readonly byte[] Bytes = PeersFile.Write(Image, P2PNetwork.Main);

    [Test]
    public void What_was_written_is_read()
    {
        PeersImage read = Read(Bytes);
        Assert.Multiple(() =>
        {
            Assert.That(read.Key.ToArray(), Is.EqualTo(Image.Key.ToArray()));
            Assert.That(read.Grouping, Is.EqualTo("prefix"));
            Assert.That(read.Entries, Is.EquivalentTo(Image.Entries));
            Assert.That(read.WasPlacedBy(Image.Key.Span, "prefix"), Is.True);
            Assert.That(read.WasPlacedBy(Image.Key.Span, "asmap"), Is.False);
            Assert.That(read.WasPlacedBy(new byte[32], "prefix"), Is.False);
            Assert.That(PeersFile.Write(read, P2PNetwork.Main), Is.EqualTo(Bytes));
        });
    }

    [Test]
    public void An_empty_book_makes_80_bytes_and_the_name_of_its_grouping()
    {
        byte[] bytes = PeersFile.Write(Image with { Entries = [] }, P2PNetwork.Test);
        Assert.That(bytes, Has.Length.EqualTo(80 + "prefix".Length));
        Assert.That(PeersFile.TryRead(bytes, P2PNetwork.Test, out PeersImage? read, out _), Is.True);
        Assert.That(read!.Entries, Is.Empty);
    }

    /// <summary>The example of the documentation.</summary>
    [Test]
    public void The_bytes_are_as_documented()
    {
        var entry = new AddressEntry
        {
            Address = new TimedAddress(Book.Endpoint("192.0.2.1"), Services.Logos, 1_780_000_000),
            Source = Book.Host("198.51.100.7"),
            NewBuckets = default(BucketSet).With(0x102),
        };
        byte[] key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
        var image = new PeersImage { Key = key, Grouping = "prefix", Entries = [entry] };
        string[] expected =
        [
            "f9beb4d9",
            "01 21",
            "20 0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20",
            "01000000 00000000",
            "06 707265666978",
            "21",
            "01 00",
            "01 04 c0000201 389f",
            "fe00000001",
            "00a5186a",
            "01 04 c6336407 0000",
            "00 00 00",
            "01 0201",
        ];
        byte[] bytes = PeersFile.Write(image, P2PNetwork.Main);
        string hex = Convert.ToHexStringLower(bytes.AsSpan(0, bytes.Length - 32));
        Assert.That(hex, Is.EqualTo(string.Concat(expected).Replace(" ", "", StringComparison.Ordinal)));
        Assert.That(bytes[^32..], Is.EqualTo(Checksum(bytes.AsSpan(0, bytes.Length - 32))));
        Assert.That(Convert.ToHexStringLower(bytes[^32..]), Is.EqualTo("9a811b7c2346ab3b6511399e2519510984e72f7b32f3ee33c198121e9f85922b"));
    }

    [Test]
    public void The_same_addresses_in_another_order_make_the_same_file() => Assert.That(
        PeersFile.Write(Image with { Entries = [.. Image.Entries.Reverse()] }, P2PNetwork.Main), Is.EqualTo(Bytes));

    [Test]
    [Conformance("M6")]
    public void Through_a_file_a_manager_comes_back_as_it_was()
    {
        Book book = Sample();
        var again = new Book(book.Options);
        PeersImage read = Read(Bytes);
        RestoreResult result = again.Manager.Restore(read.Entries, read.WasPlacedBy(book.Options.Key.Span, "prefix"));
        Assert.That(result, Is.EqualTo(new RestoreResult(book.Manager.Count, 0, 0)));
        Assert.That(again.Manager.Snapshot(), Is.EquivalentTo(book.Manager.Snapshot()));
        Assert.That(PeersFile.Write(Of(again), P2PNetwork.Main), Is.EqualTo(Bytes));
        again.Manager.Check();
    }

    /// <summary>Core's remove_invalid.</summary>
    [Test]
    public void Addresses_that_cannot_be_are_dropped_by_the_manager()
    {
        AddressEntry bad = Image.Entries.First(entry => !entry.InTried && entry.Endpoint.Address.IsIP) with
        {
            Address = new TimedAddress(Book.Endpoint("0.0.0.0"), Services.Logos, 1_780_000_000),
        };
        PeersImage read = Read(PeersFile.Write(Image with { Entries = [.. Image.Entries, bad] }, P2PNetwork.Main));
        Assert.That(
            new Book(Sample().Options).Manager.Restore(read.Entries),
            Is.EqualTo(new RestoreResult(Image.Entries.Count, 0, 1)));
    }

    [Test]
    [Conformance("M2")]
    public void A_file_that_ends_early_anywhere_is_cut_short()
    {
        for (int length = 0; length < Bytes.Length; length++)
            AssertRefused(Bytes[..length], PeersFileFault.Truncated, "cut short");
    }

    [Test]
    [Category("Slow")]
    public void A_flipped_bit_anywhere_is_seen()
    {
        for (int bit = 0; bit < Bytes.Length * 8; bit++)
        {
            byte[] damaged = [.. Bytes];
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.That(PeersFile.TryRead(damaged, P2PNetwork.Main, out _, out PeersFileError error), Is.False);
            Assert.That(error.Message, Is.Not.Empty);
        }
    }

    [Test]
    [Conformance("M2")]
    public void A_file_of_another_network_is_refused_by_name()
    {
        AssertRefused(PeersFile.Write(Image, P2PNetwork.Test), PeersFileFault.WrongNetwork, "Test");
        AssertRefused([.. "something else"u8], PeersFileFault.WrongNetwork, "no peers.dat");
    }

    [Test]
    [Conformance("M2")]
    public void A_wrong_checksum_is_damage() => AssertRefused(
        With(Bytes.Length - 1, (byte)(Bytes[^1] ^ 1), seal: false), PeersFileFault.ChecksumMismatch, "checksum");

    [Test]
    public void A_newer_format_is_told_from_damage()
    {
        AssertRefused(With(CompatibilityAt, 34), PeersFileFault.NewerFormat, "format 2");
        byte[] unknown = With(FormatAt, 9, seal: false);
        unknown[CompatibilityAt] = 32 + 9;
        AssertRefused(unknown[..20], PeersFileFault.NewerFormat, "format 9");
        AssertRefused(With(CompatibilityAt, 255), PeersFileFault.NewerFormat, "223");
    }

    [Test]
    public void A_newer_format_that_this_program_can_read_is_read_and_what_it_adds_is_passed_over()
    {
        byte[] newer = With(FormatAt, 2);
        Assert.That(Read(newer).Entries, Has.Count.EqualTo(Image.Entries.Count));
        Assert.That(Read(Seal([.. newer[..^32], 1, 2, 3])).Entries, Has.Count.EqualTo(Image.Entries.Count));
    }

    [TestCase(0)]
    [TestCase(31)]
    [TestCase(32)]
    [Conformance("M2")]
    public void A_compatibility_below_the_base_is_damage(byte value) =>
        AssertRefused(With(CompatibilityAt, value), PeersFileFault.BadCompatibility, "compatibility");

    [Test]
    public void A_format_that_never_was_is_refused() =>
        AssertRefused(With(FormatAt, 0), PeersFileFault.UnknownFormat, "format 0");

    [TestCase(0)]
    [TestCase(31)]
    [TestCase(33)]
    [TestCase(255)]
    [Conformance("M2")]
    public void A_key_of_another_size_is_refused(byte size) =>
        AssertRefused(With(KeySizeAt, size), PeersFileFault.BadKeySize, "key");

    [TestCase(NewCountAt, 65_537, "nNew is 65537")]
    [TestCase(NewCountAt, -1, "nNew is -1")]
    [TestCase(NewCountAt, int.MaxValue, "nNew")]
    [TestCase(NewCountAt, int.MinValue, "nNew")]
    [TestCase(TriedCountAt, 16_385, "nTried is 16385")]
    [TestCase(TriedCountAt, -1, "nTried is -1")]
    [Conformance("M2")]
    public void A_number_of_entries_out_of_range_is_refused(int at, int count, string why) =>
        AssertRefused(WithInt32(at, count), PeersFileFault.BadCount, why);

    /// <summary>Core's load_addrman_corrupted: more announced than there are.</summary>
    [Test]
    public void More_entries_announced_than_there_are_is_refused_without_room_made_for_them()
    {
        byte[] bytes = PeersFile.Write(Image with { Entries = [] }, P2PNetwork.Main);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(NewCountAt), 65_536);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(TriedCountAt), 16_384);
        bytes = Seal(bytes, replaceLast: true);
        PeersFile.TryRead(bytes, P2PNetwork.Main, out _, out _);
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool ok = PeersFile.TryRead(bytes, P2PNetwork.Main, out _, out PeersFileError error);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.That(ok, Is.False);
        Assert.That(error.Fault, Is.EqualTo(PeersFileFault.BadEntry).Or.EqualTo(PeersFileFault.Truncated));
        Assert.That(allocated, Is.LessThan(10_000));
    }

    [Test]
    public void Fewer_entries_announced_than_there_are_leaves_bytes_too_many()
    {
        int tried = Image.Entries.Count(entry => entry.InTried);
        AssertRefused(WithInt32(TriedCountAt, tried - 1), PeersFileFault.TrailingBytes, "too many");
    }

    [Test]
    public void Something_after_the_end_is_refused()
    {
        AssertRefused([.. Bytes, 0], PeersFileFault.TrailingBytes, "1 bytes too many");
        AssertRefused(Seal([.. Bytes[..^32], 1, 2, 3]), PeersFileFault.TrailingBytes, "3 bytes too many");
    }

    [TestCase(0)]
    [TestCase((byte)' ')]
    [TestCase(0x80)]
    public void A_grouping_without_a_printable_name_is_refused(byte letter) =>
        AssertRefused(With(GroupingAt + 1, letter), PeersFileFault.BadGrouping, "grouping");

    [Test]
    public void A_grouping_without_a_name_is_refused() =>
        AssertRefused(With(GroupingAt, 0), PeersFileFault.BadGrouping, "grouping");

    [Test]
    public void An_entry_at_the_wrong_place_is_refused()
    {
        int fresh = Image.Entries.Count(entry => !entry.InTried);
        byte[] shifted = WithInt32(NewCountAt, fresh - 1);
        BinaryPrimitives.WriteInt32LittleEndian(shifted.AsSpan(TriedCountAt), Image.Entries.Count - fresh + 1);
        AssertRefused(Seal(shifted, replaceLast: true), PeersFileFault.BadEntry, "other table");

        AddressEntry only = Image.Entries.First(entry => !entry.InTried);
        byte[] one = PeersFile.Write(Image with { Entries = [only] }, P2PNetwork.Main);
        byte[] entryBytes = one[(GroupingAt + 1 + 6)..^32];
        byte[] twice = [.. one[..^32], .. entryBytes];
        BinaryPrimitives.WriteInt32LittleEndian(twice.AsSpan(NewCountAt), 2);
        AssertRefused(Seal(twice), PeersFileFault.BadEntry, "2 of 2 is not in its place");
    }

    [Test]
    public void An_entry_that_is_none_is_refused()
    {
        int firstEntry = GroupingAt + 1 + 6;
        AssertRefused(With(firstEntry, 0), PeersFileFault.BadEntry, "entry 1");
        AssertRefused(With(firstEntry, 255), PeersFileFault.BadEntry, "entry 1");
        AssertRefused(With(firstEntry + 1, 2), PeersFileFault.BadEntry, "entry 1");
    }

    [Test]
    public void Random_bytes_after_a_good_beginning_are_refused()
    {
        var random = new Random(4);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = new byte[random.Next(300)];
            random.NextBytes(bytes);
            int kept = Math.Min(random.Next(120), bytes.Length);
            Bytes.AsSpan(0, kept).CopyTo(bytes);
            Assert.That(PeersFile.TryRead(bytes, P2PNetwork.Main, out _, out _), Is.False);
        }
    }

    [Test]
    public void The_largest_file_is_as_large_as_said()
    {
        Assert.That(PeersFile.MaxSize, Is.LessThan(12_000_000));
        Assert.That(AddressEntryCodec.MaxSize, Is.LessThanOrEqualTo(byte.MaxValue));
    }

    [Test]
    public void What_is_no_image_of_a_manager_is_not_written()
    {
        Assert.Multiple(() =>
        {
            Assert.That(() => Write(Image with { Key = new byte[31] }), Throws.ArgumentException);
            Assert.That(() => Write(Image with { Grouping = "" }), Throws.ArgumentException);
            Assert.That(() => Write(Image with { Grouping = "two words" }), Throws.ArgumentException);
            Assert.That(() => Write(Image with { Grouping = new string('x', 256) }), Throws.ArgumentException);
            AddressEntry tried = Image.Entries.First(entry => entry.InTried);
            Assert.That(
                () => Write(Image with { Entries = [.. Enumerable.Repeat(tried, 16_385)] }), Throws.ArgumentException);
        });
        AddressEntry some = Image.Entries[0];
        AddressEntry[] odd =
        [
            some,
            some with { LastTry = -1, Source = Book.Source },
            some with { Address = default },
            some with { Address = new TimedAddress(new NetEndpoint(NetAddress.FromInternalName("x"), 1), 0, 0) },
        ];
        foreach (AddressEntry entry in odd)
            Assert.That(() => Write(Image with { Entries = [.. Image.Entries, entry] }), Throws.ArgumentException);
        static byte[] Write(PeersImage image) => PeersFile.Write(image, P2PNetwork.Main);
    }

    private static Book Sample()
    {
        var book = new Book();
        for (int i = 1; i <= 12; i++)
        {
            book.Add($"250.{i}.1.1", $"25{i % 5}.1.1.1", age: i * 100);
            book.Add($"2a00:{i}::1", age: i);
        }

        book.Add("pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion");
        book.Add("ukeu3k5oycgaauneqgtnvselmt4yemvoilkln7jpvamvfx7dnkdq.b32.i2p");
        book.Add("fc00:1:2:3:4:5:6:7");
        for (int i = 1; i <= 4; i++)
            book.Manager.Good(Book.Endpoint($"250.{i}.1.1"), book.Now - i);
        book.Manager.Attempt(Book.Endpoint("250.7.1.1"), countFailure: true, book.Now);
        return book;
    }

    private static PeersImage Of(Book book) =>
        new() { Key = book.Options.Key, Grouping = "prefix", Entries = book.Manager.Snapshot() };

    private static PeersImage Read(byte[] bytes) =>
        PeersFile.TryRead(bytes, P2PNetwork.Main, out PeersImage? image, out PeersFileError error)
            ? image
            : throw new InvalidDataException(error.Message);

    private static void AssertRefused(byte[] bytes, PeersFileFault fault, string why)
    {
        Assert.That(PeersFile.TryRead(bytes, P2PNetwork.Main, out PeersImage? image, out PeersFileError error), Is.False);
        Assert.That(image, Is.Null);
        Assert.That(error.Fault, Is.EqualTo(fault), error.Message);
        Assert.That(error.Message, Does.Contain(why).And.StartWith("it"));
    }

    private static byte[] With(int at, byte value, bool seal = true)
    {
        byte[] bytes = [.. Bytes];
        bytes[at] = value;
        return seal ? Seal(bytes, replaceLast: true) : bytes;
    }

    private static byte[] WithInt32(int at, int value)
    {
        byte[] bytes = [.. Bytes];
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), value);
        return Seal(bytes, replaceLast: true);
    }

    /// <summary>Appends the checksum, or puts it in the place of the one there is.</summary>
    private static byte[] Seal(byte[] bytes, bool replaceLast = false)
    {
        byte[] body = replaceLast ? bytes[..^32] : bytes;
        return [.. body, .. Checksum(body)];
    }

    private static byte[] Checksum(ReadOnlySpan<byte> bytes)
    {
        byte[] hash = new byte[32];
        Blake2b.ComputeAndWriteHash(32, bytes, hash);
        return hash;
    }
}
