using System.Buffers.Binary;
using Logos.P2P.AddrMan;
using Logos.P2P.Fuzz.Engine;
using Logos.P2P.Storage;
using Logos.P2P.Wire;

namespace Logos.P2P.Fuzz.Targets;

/// <summary>
/// A damaged database. Whatever is wrong with it, it is refused with a message, or it can be used to the end: LMDB itself
/// believes every byte, and would read and write where it should not. Input: patches of a good file, each page u8, offset u16,
/// length u8 and the bytes.
/// </summary>
internal sealed class LmdbTarget : FuzzTarget
{
    private const int PageSize = 4096;
    private const int PatchHeader = 4;
    private const string Grouping = "prefix";

    private readonly string _directory = Path.Combine(
        Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"logosp2p-fuzz-{Environment.ProcessId}");

    private readonly Lazy<byte[]> _good;
    private byte[] _file = [];

    public LmdbTarget() => _good = new Lazy<byte[]>(MakeGood);

    public override string Name => "lmdb";

    public override IReadOnlyCollection<string> Assemblies => ["Logos.P2P"];

    public override IReadOnlyCollection<string> Types => ["Logos.P2P.Storage.LmdbFile", "Logos.P2P.Storage.LmdbPages"];

    public override int MaxLength => 512;

    private string DataFile => Path.Combine(_directory, LmdbStore.DataFile);

    /// <summary>Nothing; then each kind of page with something of its head, of its list of nodes and of a node.</summary>
    public override IEnumerable<byte[]> Seeds()
    {
        yield return [];
        for (int page = 0; page < _good.Value.Length / PageSize; page++)
        {
            foreach (int at in new[] { 0, 8, 16, 24, 40, 80, 128, 144, 4000 })
                yield return [(byte)page, (byte)at, (byte)(at >> 8), 8, .. _good.Value.AsSpan((page * PageSize) + at, 8)];
        }
    }

    /// <summary>Pages are read into arrays of their own, and a store that opens has buffers.</summary>
    public override long MostAllocated(int length) => 16 * 1024 * 1024;

    public override void Run(ReadOnlySpan<byte> input)
    {
        _good.Value.CopyTo(_file, 0);
        while (input.Length > PatchHeader)
        {
            int at = (input[0] % (_file.Length / PageSize) * PageSize) + (BinaryPrimitives.ReadUInt16LittleEndian(input[1..]) % PageSize);
            ReadOnlySpan<byte> patch = input.Slice(PatchHeader, Math.Min(input[3], input.Length - PatchHeader));
            patch[..Math.Min(patch.Length, _file.Length - at)].CopyTo(_file.AsSpan(at));
            input = input[(PatchHeader + patch.Length)..];
        }

        File.WriteAllBytes(DataFile, _file);
        try
        {
            LmdbFile.Check(DataFile);
            Use();
        }
        catch (StoreException e)
        {
            Require(e.Message.Contains(_directory, StringComparison.Ordinal), "It does not say which file is damaged.");
        }
    }

    public override void Dispose()
    {
        if (_good.IsValueCreated)
            Directory.Delete(_directory, recursive: true);
        base.Dispose();
    }

    private void Use()
    {
        LmdbStore.Look(_directory, P2PNetwork.Regtest, store => store.LoadAddresses());
        using (LmdbStore store = Open())
        {
            store.LoadAddresses();
            store.LoadBans(out _);
            store.TakeAnchors(out _);
            store.SaveAddresses(new AddressChanges(SampleBook.Entries, [], false), Grouping);
            store.ReplaceAddresses([.. SampleBook.Entries.Take(5)], Grouping);
        }

        using LmdbStore again = Open();
        Require(again.LoadAddresses().Entries.Count == 5, "What was written is not there.");
    }

    /// <summary>A book with a past, so that there are free pages, and several levels.</summary>
    private byte[] MakeGood()
    {
        Directory.CreateDirectory(_directory);
        AddressEntry[] many = [.. SampleBook.Entries.SelectMany(entry => Enumerable.Range(1, 8).Select(i => entry with
        {
            Address = entry.Address with { Endpoint = entry.Endpoint with { Port = (ushort)(entry.Endpoint.Port + i) } },
        }))];
        using (LmdbStore store = Open())
        {
            store.ReplaceAddresses(many, Grouping);
            store.SaveBans([new Ban(Subnet.Parse("192.0.2.0/24"), DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1))]);
            store.SaveAnchors([new Anchor(SampleBook.Entries[0].Endpoint, Services.Logos)]);
            store.ReplaceAddresses(SampleBook.Entries, Grouping);
            store.ReplaceAddresses([.. many.Skip(many.Length / 4)], Grouping);
        }

        byte[] good = File.ReadAllBytes(DataFile);
        _file = new byte[good.Length];
        return good;
    }

    private LmdbStore Open() =>
        LmdbStore.Open(_directory, P2PNetwork.Regtest, () => new byte[AddrManParameters.KeySize]);
}
