using System.Buffers.Binary;
using Blake2Fast;
using Logos.P2P.AddrMan;
using Logos.P2P.Fuzz.Engine;
using Logos.P2P.Simulation;
using Logos.P2P.Storage;
using Logos.P2P.Wire;

namespace Logos.P2P.Fuzz.Targets;

/// <summary>What a node keeps and reads back at its next start, from files that anybody may have had in hands.</summary>
internal static class BookTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new CodecTarget("entry", ["AddressEntryCodec", "AddressEntry", "BucketSet"], EntrySeeds, ReadEntry)
        {
            Assembly = "Logos.P2P.AddrMan", MostPerByte = 64,
        },
        new CodecTarget("bans", ["Storage.BanCodec"], BanSeeds, ReadBan) { Assembly = "Logos.P2P", MostPerByte = 64 },
        new CodecTarget("asmap", ["Asmap"], AsmapSeeds, ReadAsmap) { Assembly = "Logos.P2P.AddrMan", MostPerByte = 1024 },
        new PeersFileTarget(),
        new LmdbTarget(),
    ];

    private static readonly NetAddress[] LookedUp = [.. new[] { "1.2.3.4", "203.0.114.9", "2001:4860::1", "2a00::", "::ffff:8.8.8.8" }
        .Select(text => NetAddress.TryParse(text, out NetAddress address) ? address : NetAddress.None)];

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
            throw new FuzzFailureException(otherwise);
    }

    private static IEnumerable<byte[]> EntrySeeds() => SampleBook.Entries.Take(20).Select(entry =>
    {
        byte[] bytes = new byte[AddressEntryCodec.GetSize(entry)];
        AddressEntryCodec.Write(entry, bytes);
        return bytes;
    });

    private static void ReadEntry(ReadOnlySpan<byte> input)
    {
        if (!AddressEntryCodec.TryRead(input, out AddressEntry? entry))
            return;
        Span<byte> again = stackalloc byte[AddressEntryCodec.MaxSize];
        Require(input.SequenceEqual(again[..AddressEntryCodec.Write(entry, again)]), "An entry has one form only.");
        _ = entry.IsTerrible(entry.Address.Time);
    }

    /// <summary>The length of the key, the key, the value.</summary>
    private static IEnumerable<byte[]> BanSeeds()
    {
        byte[] key = new byte[BanCodec.MaxKeySize], value = new byte[BanCodec.ValueSize];
        foreach (string text in new[] { "192.0.2.0/24", "2001:db8::/32", "::/0", "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion" })
        {
            var ban = new Ban(Subnet.Parse(text), DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1));
            int length = BanCodec.WriteKey(ban, key);
            BanCodec.WriteValue(ban, value);
            yield return [(byte)length, .. key.AsSpan(0, length), .. value];
        }
    }

    private static void ReadBan(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
            return;
        int split = 1 + Math.Min(input[0], input.Length - 1);
        ReadOnlySpan<byte> key = input[1..split], value = input[split..];
        if (!BanCodec.TryRead(key, value, out Ban? ban))
            return;
        Span<byte> keyAgain = stackalloc byte[BanCodec.MaxKeySize], valueAgain = stackalloc byte[BanCodec.ValueSize];
        Require(key.SequenceEqual(keyAgain[..BanCodec.WriteKey(ban, keyAgain)]), "A ban has one key only.");
        BanCodec.WriteValue(ban, valueAgain);
        Require(value.SequenceEqual(valueAgain), "A ban has one value only.");
    }

    /// <summary>A default; returns of both widths of number behind a jump; and matches.</summary>
    private static IEnumerable<byte[]> AsmapSeeds() =>
    [
        [0x00, 0x00, 0x00], [0x00, 0x80, 0x00], [0x07, 0x00, 0x00, 0x00, 0x00], [0x01, 0x00, 0x00, 0x00, 0x00, 0x00], [0x03, 0x00, 0x00, 0x00],
    ];

    /// <summary>A map that passes has an answer for every address.</summary>
    private static void ReadAsmap(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty || AsmapCheck.FindFault(input, 128) is not null)
            return;
        var map = new Asmap(input);
        foreach (NetAddress address in LookedUp)
            map.AsnOf(address);
    }
}

/// <summary>
/// An image of the address manager (`peers.dat`): whatever is read makes a manager that is consistent, and that writes an image
/// which is read again.
/// </summary>
internal sealed class PeersFileTarget : FuzzTarget
{
    private const int ChecksumSize = 32;

    private readonly SimulationClock _clock = new();
    private byte[] _lastWritten = [];

    public override string Name => "peers.dat";

    public override IReadOnlyCollection<string> Assemblies => ["Logos.P2P.AddrMan"];

    public override IReadOnlyCollection<string> Types =>
        ["Logos.P2P.AddrMan.PeersFile", "Logos.P2P.AddrMan.AddressEntryCodec", "Logos.P2P.AddrMan.EntryOrder"];

    public override int MaxLength => 2048;

    public override IEnumerable<byte[]> Seeds()
    {
        foreach (int count in new[] { 0, 1, 5, 20 })
        {
            var image = new PeersImage
            {
                Key = new byte[AddrManParameters.KeySize],
                Grouping = "prefix",
                Entries = [.. SampleBook.Entries.Take(count)],
            };
            yield return PeersFile.Write(image, P2PNetwork.Main);
        }
    }

    public override void Repair(Span<byte> input, FuzzRandom random)
    {
        if (input.Length < ChecksumSize || random.OneIn(16))
            return;
        BinaryPrimitives.WriteUInt32LittleEndian(input, P2PNetwork.Main.Magic());
        Blake2b.ComputeAndWriteHash(ChecksumSize, input[..^ChecksumSize], input[^ChecksumSize..]);
    }

    /// <summary>The tables of a manager, and what is made of the entries.</summary>
    public override long MostAllocated(int length) => (4 * 1024 * 1024) + (256L * length);

    public override void Run(ReadOnlySpan<byte> input)
    {
        if (!PeersFile.TryRead(input, P2PNetwork.Main, out PeersImage? image, out PeersFileError error))
        {
            Require(!string.IsNullOrEmpty(error.Message), "It does not say what is wrong.");
            return;
        }

        _lastWritten = PeersFile.Write(image, P2PNetwork.Main);
        Require(input[4] > PeersFile.Format || input.SequenceEqual(_lastWritten), "An image has one form only.");
        if (image.Entries.Count == 0)
            return;
        var manager = new AddressManager(new AddressManagerOptions
        {
            Key = image.Key,
            Random = new Random(1),
            Clock = _clock,
            IsRoutable = _ => true,
        });
        RestoreResult result = manager.Restore(image.Entries);
        manager.Check();
        Require(result.Restored == manager.Count, "It counts otherwise than it restores.");
        manager.TakeChanges();
        var again = new PeersImage { Key = image.Key, Grouping = image.Grouping, Entries = manager.Snapshot() };
        Require(
            PeersFile.TryRead(PeersFile.Write(again, P2PNetwork.Main), P2PNetwork.Main, out PeersImage? read, out _)
            && read.Entries.Count == manager.Count,
            "What it writes is not read again.");
    }
}
