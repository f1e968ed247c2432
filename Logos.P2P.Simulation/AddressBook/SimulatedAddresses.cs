using System.Buffers.Binary;
using Logos.P2P.Wire;

namespace Logos.P2P.Simulation.AddressBook;

/// <summary>Who is where in the simulated IPv4: honest nodes from 20.0.0.0 on, the attacker from 40.0.0.0 on.</summary>
internal static class SimulatedAddresses
{
    /// <summary>The most /16s an attacker can have: up to 79.15.0.0 all addresses are public.</summary>
    public const int MaxAttackerGroups = 10_000;

    private const int HonestGroups = 2_500;
    private const uint FirstHonestGroup = 20 << 8;
    private const uint FirstAttackerGroup = 40 << 8;
    private const ushort Port = 14495;

    /// <summary>Some /16s are hosters' with hundreds of nodes, most have a few: the square gives that shape.</summary>
    public static NetEndpoint DrawHonest(Random random)
    {
        double uniform = random.NextDouble();
        uint group = FirstHonestGroup + (uint)(uniform * uniform * HonestGroups);
        return Endpoint(group, random.Next(1 << 16));
    }

    public static NetEndpoint OfAttacker(int group, int host) => Endpoint(FirstAttackerGroup + (uint)group, host);

    public static bool IsAttacker(in NetEndpoint endpoint) =>
        BinaryPrimitives.ReadUInt16BigEndian(endpoint.Address.Bytes) >= FirstAttackerGroup;

    private static NetEndpoint Endpoint(uint group, int host)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (group << 16) | (uint)host);
        NetAddress.TryCreate(NetworkId.IPv4, bytes, out NetAddress address);
        return new NetEndpoint(address, Port);
    }
}
