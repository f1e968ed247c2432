using System.Buffers.Binary;
using System.Diagnostics;
using System.Numerics;
using Blake2Fast;
using Logos.P2P.Wire;

namespace Logos.P2P.AddrMan;

/// <summary>
/// Which autonomous system of the internet's routing announces an address: a map in the format of Bitcoin Core's `-asmap`
/// files. An autonomous system is one operator, and for an attacker a new one is much harder to have than a new /16.
/// </summary>
/// <remarks>
/// A map is a small program that reads an address from its highest bit on (<see cref="AsmapInstruction"/>). It is checked
/// once, when it is made; so looking up never fails. Immutable.
/// </remarks>
public sealed class Asmap
{
    /// <summary>
    /// The most bytes a map may have (32 MiB). That of all of today's internet takes less than 2 MiB.
    /// </summary>
    public const int MaxSize = 32 * 1024 * 1024;

    private const int AddressBits = 128;
    private const int HashSize = 32;
    private readonly byte[] _map;

    /// <summary>Makes a map of the bytes of a file.</summary>
    /// <exception cref="AsmapException">They are no map; the message says why.</exception>
    public Asmap(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            throw new AsmapException("It is empty.");
        if (bytes.Length > MaxSize)
            throw new AsmapException($"It has more than {MaxSize} bytes.");
        if (AsmapCheck.FindFault(bytes, AddressBits) is { } fault)
            throw new AsmapException($"It is no map of autonomous systems, or a damaged one: {fault}.");

        _map = bytes.ToArray();
        Span<byte> hash = stackalloc byte[HashSize];
        Blake2b.ComputeAndWriteHash(HashSize, bytes, hash);
        Version = Convert.ToHexStringLower(hash);
    }

    /// <summary>
    /// Tells this map from others: the Blake2b-256 of its bytes, in hex. What was placed by another one must be placed anew
    /// (<see cref="AddressManager.Restore"/>).
    /// </summary>
    public string Version { get; }

    /// <summary>
    /// The number of the autonomous system that an address belongs to. IPv4 is looked up as ::ffff:0:0/96, also when it
    /// travels inside IPv6.
    /// </summary>
    /// <returns>0 when the map has none, and for addresses that the internet does not route.</returns>
    public uint AsnOf(NetAddress address)
    {
        if (!address.IsIP || !address.IsRoutable)
            return 0;

        UInt128 bits = address.TryGetLinkedIPv4(out uint v4)
            ? new UInt128(0, 0xFFFF_0000_0000UL | v4)
            : BinaryPrimitives.ReadUInt128BigEndian(address.Bytes);
        return Interpret(bits);
    }

    private uint Interpret(UInt128 address)
    {
        var reader = new AsmapReader(_map);
        uint answer = 0;
        while (reader.TryReadInstruction(out AsmapInstruction instruction))
        {
            switch (instruction)
            {
                case AsmapInstruction.Return:
                    reader.TryReadAsn(out answer);
                    return answer;
                case AsmapInstruction.Jump:
                    reader.TryReadJump(out uint jump);
                    if (TakeBits(ref address, 1) == 1)
                        reader.Skip((int)jump);
                    break;
                case AsmapInstruction.Match:
                    reader.TryReadMatch(out uint match);
                    int length = BitOperations.Log2(match);
                    if (TakeBits(ref address, length) != match - (1u << length))
                        return answer;
                    break;
                default:
                    reader.TryReadAsn(out answer);
                    break;
            }
        }

        throw new UnreachableException("A checked map has an answer for every address.");
    }

    private static uint TakeBits(ref UInt128 address, int count)
    {
        uint bits = (uint)(address >> (AddressBits - count));
        address <<= count;
        return bits;
    }
}
