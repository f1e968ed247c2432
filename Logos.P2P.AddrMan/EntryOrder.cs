using Logos.P2P.Wire;

namespace Logos.P2P.AddrMan;

/// <summary>
/// The order of entries in a `peers.dat`: new before tried, then by network, address and port. With an order the same
/// addresses make the same file, and nobody is in it twice unnoticed.
/// </summary>
internal sealed class EntryOrder : IComparer<AddressEntry>
{
    private EntryOrder()
    {
    }

    public static EntryOrder Instance { get; } = new();

    public int Compare(AddressEntry? x, AddressEntry? y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        if (x.InTried != y.InTried)
            return x.InTried ? 1 : -1;

        NetAddress left = x.Endpoint.Address, right = y.Endpoint.Address;
        if (left.Network != right.Network)
            return left.Network.CompareTo(right.Network);
        int byAddress = left.Bytes.SequenceCompareTo(right.Bytes);
        return byAddress != 0 ? byAddress : x.Endpoint.Port.CompareTo(y.Endpoint.Port);
    }
}
