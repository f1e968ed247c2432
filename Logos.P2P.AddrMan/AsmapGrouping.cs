using Logos.P2P.Wire;

namespace Logos.P2P.AddrMan;

/// <summary>
/// Bitcoin Core's grouping with `-asmap`: what one autonomous system announces is one party's, IPv4 and IPv6 together.
/// What the map does not know, and networks that it cannot know, are grouped otherwise.
/// </summary>
/// <param name="map">The map.</param>
/// <param name="unmapped">The grouping of what it does not know: with Bitcoin Core the prefix.</param>
public sealed class AsmapGrouping(Asmap map, INetGrouping unmapped) : INetGrouping
{
    /// <summary>Bitcoin Core's number for IPv6, which it uses for both.</summary>
    private const byte IPv6 = 2;

    /// <inheritdoc/>
    public NetGroup GroupOf(in NetEndpoint endpoint)
    {
        uint asn = map.AsnOf(endpoint.Address);
        if (asn == 0)
            return unmapped.GroupOf(endpoint);

        Span<byte> group = stackalloc byte[1 + sizeof(uint)];
        var writer = new WireWriter(group);
        writer.WriteByte(IPv6);
        writer.WriteUInt32(asn);
        return new NetGroup(group);
    }
}
