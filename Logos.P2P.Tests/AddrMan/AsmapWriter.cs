namespace Logos.P2P.Tests.AddrMan;

/// <summary>Writes maps of autonomous systems instruction by instruction, sane or not.</summary>
internal sealed class AsmapWriter
{
    private readonly List<bool> _bits = [];

    public int Length => _bits.Count;

    public AsmapWriter Return(uint asn) => Bits("0").Number(asn, 1, 15, 24);

    public AsmapWriter Jump(int distance) => Bits("10").Number((uint)distance, 17, 5, 30);

    /// <summary>If the next bit of the address is 1, what the second makes applies, else what the first makes.</summary>
    public AsmapWriter Branch(AsmapWriter zero, AsmapWriter one)
    {
        Jump(zero.Length);
        _bits.AddRange(zero._bits);
        _bits.AddRange(one._bits);
        return this;
    }

    public AsmapWriter Match(string bits) => Bits("110").Number(Convert.ToUInt32("1" + bits, 2), 2, 1, 8);

    public AsmapWriter Default(uint asn) => Bits("111").Number(asn, 1, 15, 24);

    public AsmapWriter Bits(string bits)
    {
        _bits.AddRange(bits.Select(bit => bit == '1'));
        return this;
    }

    public byte[] ToArray()
    {
        byte[] bytes = new byte[(_bits.Count + 7) / 8];
        for (int i = 0; i < _bits.Count; i++)
            bytes[i / 8] |= (byte)(_bits[i] ? 1 << (i % 8) : 0);
        return bytes;
    }

    private AsmapWriter Number(uint number, uint lowest, int fewestBits, int mostBits)
    {
        uint rest = number - lowest;
        int bits = fewestBits;
        for (; rest >= 1u << bits; bits++)
        {
            rest -= 1u << bits;
            Bits("1");
        }

        if (bits < mostBits)
            Bits("0");
        return Bits(Convert.ToString(rest, 2).PadLeft(bits, '0'));
    }
}
