using Logos.P2P.Wire;

namespace Logos.P2P.AddrMan;

/// <summary>
/// Every address and port is a group of its own. For networks on one machine or one site (`-regtest`),
/// where the prefix tells nothing about who is who.
/// </summary>
public sealed class EndpointGrouping : INetGrouping
{
    private EndpointGrouping()
    {
    }

    /// <summary>The one instance; it has no state.</summary>
    public static EndpointGrouping Instance { get; } = new();

    /// <inheritdoc/>
    public NetGroup GroupOf(in NetEndpoint endpoint)
    {
        NetAddress address = endpoint.Address;
        Span<byte> group = stackalloc byte[NetGroup.MaxLength];
        var writer = new WireWriter(group);
        writer.WriteByte((byte)address.Network);
        writer.WriteBytes(address.Bytes);
        writer.WritePort(endpoint.Port);
        return new NetGroup(group[..writer.Written]);
    }
}
