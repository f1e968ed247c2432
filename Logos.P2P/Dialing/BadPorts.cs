using System.Collections.Frozen;

namespace Logos.P2P.Dialing;

/// <summary>
/// Ports of other well-known services, which no node has a reason to listen on. Whoever gossips a mail or chat server's
/// address would have every node of the overlay call there. Bitcoin Core's list (`netbase.cpp`, IsBadPort), which it took
/// from the web browsers.
/// </summary>
internal static class BadPorts
{
    /// <summary>Below 1024 most are of the 1980s; 80 and 443 are missing on purpose, since firewalls let them through.</summary>
    private static readonly FrozenSet<ushort> Ports = new ushort[]
    {
        1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95,
        101, 102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179,
        389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587,
        601, 636, 989, 990, 993, 995,
        1719, 1720, 1723, 2049, 3306, 3389, 3659, 4045, 5060, 5061, 5432, 5900,
        6000, 6566, 6665, 6666, 6667, 6668, 6669, 6697, 10080, 27017,
    }.ToFrozenSet();

    /// <summary>Whether a port belongs to another service.</summary>
    public static bool Contains(ushort port) => Ports.Contains(port);
}
