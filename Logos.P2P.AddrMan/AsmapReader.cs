namespace Logos.P2P.AddrMan;

/// <summary>The instructions of a map of autonomous systems, in the order of their codes.</summary>
internal enum AsmapInstruction
{
    /// <summary>Code 0: the answer is the number that follows.</summary>
    Return,

    /// <summary>Code 10: if the next bit of the address is 1, skip as many bits of the map as the number says.</summary>
    Jump,

    /// <summary>
    /// Code 110: the number is a 1 and then the bits that must come next in the address; if they do not, the answer is the
    /// default.
    /// </summary>
    Match,

    /// <summary>Code 111: the number is the answer from now on if a match fails.</summary>
    Default,
}

/// <summary>
/// Reads Bitcoin Core's asmap format (`util/asmap.cpp`) bit by bit, the lowest bit of each byte first. A number is coded
/// as in Elias' codes: how many bits it has in unary, then the bits. Every method returns false when the map ends before
/// what it reads.
/// </summary>
/// <param name="map">The bytes of the map.</param>
internal ref struct AsmapReader(ReadOnlySpan<byte> map)
{
    private readonly ReadOnlySpan<byte> _map = map;

    /// <summary>The number of bits read.</summary>
    public int Position { get; private set; }

    /// <summary>The bits left.</summary>
    public readonly int Remaining => (_map.Length * 8) - Position;

    public bool TryReadBit(out bool bit)
    {
        bit = false;
        if (Remaining == 0)
            return false;
        bit = ((_map[Position >> 3] >> (Position & 7)) & 1) != 0;
        Position++;
        return true;
    }

    public bool TryReadInstruction(out AsmapInstruction instruction)
    {
        instruction = AsmapInstruction.Return;
        if (!TryReadBit(out bool isOther))
            return false;
        if (!isOther)
            return true;

        instruction = AsmapInstruction.Jump;
        if (!TryReadBit(out isOther))
            return false;
        if (!isOther)
            return true;

        bool ok = TryReadBit(out bool isDefault);
        instruction = isDefault ? AsmapInstruction.Default : AsmapInstruction.Match;
        return ok;
    }

    /// <summary>Reads the number of an autonomous system, from 1.</summary>
    public bool TryReadAsn(out uint asn) => TryReadNumber(1, 15, 24, out asn);

    /// <summary>Reads bits to match, 1 to 8 of them after a leading 1.</summary>
    public bool TryReadMatch(out uint match) => TryReadNumber(2, 1, 8, out match);

    /// <summary>Reads how far to jump. No shorter jump could skip a whole instruction.</summary>
    public bool TryReadJump(out uint jump) => TryReadNumber(17, 5, 30, out jump);

    /// <summary>Skips bits, of which there must be enough.</summary>
    public void Skip(int bits)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, Remaining);
        Position += bits;
    }

    /// <summary>
    /// The numbers from <paramref name="lowest"/> on fall into ranges of 2^n, n from <paramref name="fewestBits"/> to
    /// <paramref name="mostBits"/>: for each range passed over a 1, then a 0 (none in the last range), then where in its
    /// range the number is, highest bit first.
    /// </summary>
    private bool TryReadNumber(uint lowest, int fewestBits, int mostBits, out uint number)
    {
        number = lowest;
        int bits = fewestBits;
        for (; bits < mostBits; bits++)
        {
            if (!TryReadBit(out bool isHigher))
                return false;
            if (!isHigher)
                break;
            number += 1u << bits;
        }

        for (int place = bits - 1; place >= 0; place--)
        {
            if (!TryReadBit(out bool bit))
                return false;
            number += bit ? 1u << place : 0;
        }

        return true;
    }
}
