using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Blake2Fast;
using Logos.P2P.Wire;

namespace Logos.P2P.AddrMan;

/// <summary>
/// The bytes of a `peers.dat`: Bitcoin's framing (network magic, a versioned image of the address manager, a checksum)
/// around entries as <see cref="AddressEntryCodec"/> writes them. `docs/peers-dat.md` has it byte by byte. Touches no file.
/// </summary>
public static class PeersFile
{
    /// <summary>The format that this program writes, and the highest that it knows.</summary>
    public const byte Format = 1;

    /// <summary>The longest name of a grouping, in bytes.</summary>
    public const int MaxGroupingLength = byte.MaxValue;

    /// <summary>The most bytes of a file of this format: both tables full of the largest entries.</summary>
    public const int MaxSize = HeaderSize + MaxGroupingLength
        + (AddrManParameters.Capacity * (1 + AddressEntryCodec.MaxSize)) + ChecksumSize;

    /// <summary>Bitcoin Core's INCOMPATIBILITY_BASE. Added to the lowest format whose readers can read the file.</summary>
    private const byte CompatibilityBase = 32;

    private const byte LowestCompatibleFormat = 1;

    /// <summary>There was no format before the first, so that a byte below this shows damage.</summary>
    private const byte LowestCompatibility = CompatibilityBase + LowestCompatibleFormat;

    private const int ChecksumSize = 32;
    private const int HeaderSize = sizeof(uint) + 1 + 1 + 1 + AddrManParameters.KeySize + sizeof(int) + sizeof(int) + 1;
    private const int MaxNew = AddrManParameters.NewBucketCount * AddrManParameters.BucketSize;
    private const int MaxTried = AddrManParameters.TriedBucketCount * AddrManParameters.BucketSize;

    /// <summary>No entry is smaller, so that a file says no more entries than it has room for.</summary>
    private const int MinEntrySize = 16;

    /// <summary>Makes the bytes of a file. The same entries in any order make the same bytes.</summary>
    /// <param name="image">What to write.</param>
    /// <param name="network">Whose addresses they are.</param>
    /// <exception cref="ArgumentException">The image is none of an address manager.</exception>
    public static byte[] Write(PeersImage image, P2PNetwork network)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (image.Key.Length != AddrManParameters.KeySize)
            throw new ArgumentException($"The key has {AddrManParameters.KeySize} bytes.", nameof(image));
        byte[] grouping = Encoding.UTF8.GetBytes(image.Grouping);
        if (!IsName(grouping) || grouping.Length > MaxGroupingLength)
            throw new ArgumentException($"'{image.Grouping}' is no name of a grouping.", nameof(image));
        AddressEntry[] entries = [.. image.Entries.Order(EntryOrder.Instance)];
        int tried = entries.Count(entry => entry.InTried);
        if (tried > MaxTried || entries.Length - tried > MaxNew)
            throw new ArgumentException("There are more entries than the tables hold.", nameof(image));
        for (int i = 0; i < entries.Length; i++)
        {
            bool isTwice = i > 0 && EntryOrder.Instance.Compare(entries[i - 1], entries[i]) == 0;
            if (isTwice || !entries[i].IsConsistent || !NetAddress.IsKnown(entries[i].Endpoint.Address.Network))
                throw new ArgumentException($"{entries[i]} cannot be in an address manager.", nameof(image));
        }

        int size = HeaderSize + grouping.Length + ChecksumSize
            + entries.Sum(entry => 1 + AddressEntryCodec.GetSize(entry));
        byte[] bytes = new byte[size];
        var writer = new WireWriter(bytes);
        writer.WriteUInt32(network.Magic());
        writer.WriteByte(Format);
        writer.WriteByte(LowestCompatibility);
        writer.WriteByte(AddrManParameters.KeySize);
        writer.WriteBytes(image.Key.Span);
        writer.WriteInt32(entries.Length - tried);
        writer.WriteInt32(tried);
        writer.WriteByte((byte)grouping.Length);
        writer.WriteBytes(grouping);
        foreach (AddressEntry entry in entries)
        {
            int entrySize = AddressEntryCodec.GetSize(entry);
            writer.WriteByte((byte)entrySize);
            AddressEntryCodec.Write(entry, writer.Take(entrySize));
        }

        int covered = writer.Written;
        Hash(bytes.AsSpan(0, covered), writer.Take(ChecksumSize));
        return bytes;
    }

    /// <summary>The network whose magic a file begins with; null when it begins with none.</summary>
    public static P2PNetwork? NetworkOf(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        return reader.TryReadUInt32(out uint magic) ? NetworkOf(magic) : null;
    }

    /// <summary>
    /// Reads the bytes of a file. Never throws, whatever they are, and allocates in proportion to how many there are. What
    /// the entries claim is not judged here: <see cref="AddressManager.Restore"/> does.
    /// </summary>
    /// <param name="bytes">All bytes of the file, or the first <see cref="MaxSize"/> + 1 of a larger one.</param>
    /// <param name="network">The network whose addresses are wanted.</param>
    /// <param name="image">What it holds.</param>
    /// <param name="error">What is wrong with it, when false is returned.</param>
    public static bool TryRead(
        ReadOnlySpan<byte> bytes,
        P2PNetwork network,
        [NotNullWhen(true)] out PeersImage? image,
        out PeersFileError error)
    {
        var reader = new WireReader(bytes);
        image = null;
        if (!TryReadHeader(ref reader, network, out Header header, out error)
            || !TryReadEntries(ref reader, header, out List<AddressEntry>? entries, out error))
        {
            return false;
        }

        // A later format that this program can read may have more to say.
        if (reader.Remaining > ChecksumSize && header.Format == Format)
            return Fail(PeersFileFault.TrailingBytes, $"it has {reader.Remaining - ChecksumSize} bytes too many", out error);
        if (reader.Remaining < ChecksumSize)
            return FailCutShort("the checksum", out error);

        Span<byte> checksum = stackalloc byte[ChecksumSize];
        Hash(bytes[..^ChecksumSize], checksum);
        if (!checksum.SequenceEqual(bytes[^ChecksumSize..]))
            return Fail(PeersFileFault.ChecksumMismatch, "its checksum does not fit: it is damaged", out error);

        image = new PeersImage { Key = header.Key, Grouping = header.Grouping, Entries = entries };
        return true;
    }

    private static bool TryReadHeader(
        ref WireReader reader, P2PNetwork network, out Header header, out PeersFileError error)
    {
        const string part = "the header";
        header = default;
        if (!reader.TryReadUInt32(out uint magic))
            return FailCutShort(part, out error);
        if (magic != network.Magic())
            return Fail(PeersFileFault.WrongNetwork, DescribeForeign(magic, network), out error);

        if (!reader.TryReadByte(out byte format) || !reader.TryReadByte(out byte compatibility))
            return FailCutShort(part, out error);
        if (compatibility < LowestCompatibility)
            return Fail(
                PeersFileFault.BadCompatibility,
                $"its compatibility is {compatibility}, and should be {LowestCompatibility} or more",
                out error);
        int lowest = compatibility - CompatibilityBase;
        if (lowest > Format)
            return Fail(
                PeersFileFault.NewerFormat,
                $"it has format {format}, for which a program must know format {lowest}; this one knows {Format}",
                out error);
        if (format < Format)
            return Fail(PeersFileFault.UnknownFormat, $"it has format {format}, which there never was", out error);

        if (!reader.TryReadByte(out byte keySize))
            return FailCutShort(part, out error);
        if (keySize != AddrManParameters.KeySize)
            return Fail(
                PeersFileFault.BadKeySize,
                $"its key has {keySize} bytes, and should have {AddrManParameters.KeySize}",
                out error);
        if (!reader.TryReadBytes(keySize, out ReadOnlySpan<byte> key)
            || !reader.TryReadInt32(out int newCount)
            || !reader.TryReadInt32(out int triedCount))
        {
            return FailCutShort(part, out error);
        }

        if (newCount is < 0 or > MaxNew)
            return FailCount("nNew", newCount, MaxNew, out error);
        if (triedCount is < 0 or > MaxTried)
            return FailCount("nTried", triedCount, MaxTried, out error);
        if (!reader.TryReadByte(out byte nameLength)
            || !reader.TryReadBytes(nameLength, out ReadOnlySpan<byte> name))
        {
            return FailCutShort(part, out error);
        }

        if (!IsName(name))
            return Fail(PeersFileFault.BadGrouping, "its grouping has no printable name", out error);
        header = new Header(format, key.ToArray(), newCount, triedCount, Encoding.UTF8.GetString(name));
        error = default;
        return true;
    }

    private static bool TryReadEntries(
        ref WireReader reader,
        in Header header,
        [NotNullWhen(true)] out List<AddressEntry>? entries,
        out PeersFileError error)
    {
        entries = null;
        int count = header.NewCount + header.TriedCount;
        var read = new List<AddressEntry>(Math.Min(count, reader.Remaining / MinEntrySize));
        for (int i = 0; i < count; i++)
        {
            if (!reader.TryReadByte(out byte size) || !reader.TryReadBytes(size, out ReadOnlySpan<byte> bytes))
                return FailCutShort($"entry {i + 1} of {count}", out error);
            if (!AddressEntryCodec.TryRead(bytes, out AddressEntry? entry))
                return FailEntry(i, count, "is not valid", out error);
            if (entry.InTried != i >= header.NewCount)
                return FailEntry(i, count, "is in the part of the other table", out error);
            if (read.Count > 0 && EntryOrder.Instance.Compare(read[^1], entry) >= 0)
                return FailEntry(i, count, "is not in its place in the order", out error);
            read.Add(entry);
        }

        entries = read;
        error = default;
        return true;
    }

    private static void Hash(ReadOnlySpan<byte> bytes, Span<byte> hash) =>
        Blake2b.ComputeAndWriteHash(ChecksumSize, bytes, hash);

    private static bool IsName(ReadOnlySpan<byte> name) =>
        !name.IsEmpty && !name.ContainsAnyExceptInRange((byte)'!', (byte)'~');

    private static string DescribeForeign(uint magic, P2PNetwork network) => NetworkOf(magic) is { } other
        ? $"it has addresses of the network {other}, not of {network}"
        : "it is no peers.dat: it does not begin with the magic of a network";

    private static P2PNetwork? NetworkOf(uint magic)
    {
        foreach (P2PNetwork network in Enum.GetValues<P2PNetwork>())
        {
            if (magic == network.Magic())
                return network;
        }

        return null;
    }

    private static bool FailCutShort(string where, out PeersFileError error) =>
        Fail(PeersFileFault.Truncated, $"it is cut short: it ends within {where}", out error);

    private static bool FailCount(string name, int count, int max, out PeersFileError error) => Fail(
        PeersFileFault.BadCount,
        string.Create(CultureInfo.InvariantCulture, $"its {name} is {count}, and should be 0 to {max}"),
        out error);

    private static bool FailEntry(int index, int count, string what, out PeersFileError error) =>
        Fail(PeersFileFault.BadEntry, $"its entry {index + 1} of {count} {what}", out error);

    private static bool Fail(PeersFileFault fault, string message, out PeersFileError error)
    {
        error = new PeersFileError(fault, message);
        return false;
    }

    private readonly record struct Header(byte Format, byte[] Key, int NewCount, int TriedCount, string Grouping);
}
