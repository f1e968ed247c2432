using Logos.P2P.AddrMan;
using Logos.P2P.Wire;

namespace Logos.P2P.Node;

/// <summary>
/// `peers.dat.sample`: a real address book of addresses that are reserved for documentation (RFC 5737, RFC 3849), so that
/// nobody is ever dialled because of it. The same bytes every time.
/// </summary>
internal static class AddressBookSample
{
    private const int PerRange = 6;
    private const int TriedEvery = 4;
    private const ushort Port = 14495;

    /// <summary>The day it is of: 2026-08-01, 12:00 UTC.</summary>
    private static readonly DateTimeOffset Now = new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly string[] Ranges = ["192.0.2.{0}", "198.51.100.{0}", "203.0.113.{0}", "2001:db8::{0}"];

    public static PeersImage Make()
    {
        byte[] key = [.. Enumerable.Range(1, AddrManParameters.KeySize).Select(i => (byte)i)];
        var book = new AddressManager(new AddressManagerOptions
        {
            Key = key,
            Random = new Random(1),
            Clock = new FixedClock(),
            IsRoutable = _ => true,
        });
        int made = 0;
        for (int i = 1; i <= PerRange; i++)
        {
            foreach (string range in Ranges)
            {
                // Each address is told by a host of the next range.
                NetAddress source = Host(Ranges[(made + 1) % Ranges.Length], 100 + i);
                var endpoint = new NetEndpoint(Host(range, i), Port);
                long heard = Now.ToUnixTimeSeconds() - (3600 * made);
                book.Add([new TimedAddress(endpoint, Services.Logos, (uint)heard)], source);
                if (made % TriedEvery == 1)
                    book.Good(endpoint, heard + 60);
                made++;
            }
        }

        return new PeersImage { Key = key, Grouping = "prefix", Entries = book.Snapshot() };
    }

    private static NetAddress Host(string range, int number)
    {
        string text = range.Replace("{0}", $"{number}", StringComparison.Ordinal);
        return NetAddress.TryParse(text, out NetAddress address) ? address : throw new FormatException(text);
    }

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }
}
