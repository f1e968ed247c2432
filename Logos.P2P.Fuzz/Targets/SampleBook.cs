using Logos.P2P.AddrMan;
using Logos.P2P.Storage;

namespace Logos.P2P.Fuzz.Targets;

/// <summary>A real address book, which a node wrote: the sample in the repository.</summary>
internal static class SampleBook
{
    private static readonly Lazy<PeersImage> Image =
        new(() => AddressBookFiles.ReadPeersFile(SeedBytes.PathOf("peers.dat.sample"), null, out _));

    public static IReadOnlyList<AddressEntry> Entries => Image.Value.Entries;
}
