using System.Buffers.Binary;

namespace Logos.P2P.Fuzz.Engine;

/// <summary>Makes inputs of others. The mutations are AFL's, with the constants of the code as words.</summary>
/// <param name="target">Whose inputs they are.</param>
/// <param name="words">What is inserted and written over.</param>
/// <param name="random">All chance.</param>
internal sealed class Mutator(FuzzTarget target, byte[][] words, FuzzRandom random)
{
    /// <summary>Up to 16 mutations on top of each other.</summary>
    private const int MostStacked = 4;

    private static readonly ulong[] Numbers =
    [
        0, 1, 2, 4, 8, 16, 24, 32, 64, 100, 0x7F, 0x80, 0xFC, 0xFD, 0xFE, 0xFF, 0x100, 600, 1000, 1001, 1024, 0x7FFF, 0x8000, 50_000, 50_001,
        0xFFFF, 0x10000, 4_000_000, 4_000_001, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x1_0000_0000, 0x7FFF_FFFF_FFFF_FFFF,
        0x8000_0000_0000_0000, 0xFFFF_FFFF_FFFF_FFFF,
    ];

    private readonly byte[] _buffer = new byte[target.MaxLength];
    private int _length;

    /// <summary>The input made last. Good until the next one is made.</summary>
    public Span<byte> Input => _buffer.AsSpan(0, _length);

    /// <summary>Makes an input.</summary>
    /// <param name="from">Of which.</param>
    /// <param name="other">Of which to take pieces.</param>
    public void Mutate(byte[] from, byte[] other)
    {
        _length = Math.Min(from.Length, _buffer.Length);
        from.AsSpan(0, _length).CopyTo(_buffer);
        for (int i = 1 << random.Below(MostStacked + 1); i > 0; i--)
            MutateOnce(other);
        target.Repair(Input, random);
    }

    private void MutateOnce(byte[] other)
    {
        int kind = _length == 0 ? 8 : random.Below(14);
        switch (kind)
        {
            case 0:
                _buffer[random.Below(_length)] ^= (byte)(1 << random.Below(8));
                break;
            case 1:
                _buffer[random.Below(_length)] = random.Byte();
                break;
            case 2 or 3:
                _buffer[random.Below(_length)] += (byte)random.Between(-16, 16);
                break;
            case 4 or 5:
                WriteNumber();
                break;
            case 6 or 7:
                Delete();
                break;
            case 8:
                Insert(random.Length(32));
                break;
            case 9:
                Repeat();
                break;
            case 10 when words.Length > 0:
                InsertBytes(random.Pick<byte[]>(words));
                break;
            case 11 when words.Length > 0:
                WriteOver(random.Pick<byte[]>(words));
                break;
            case 12 when other.Length > 0:
                InsertBytes(PieceOf(other));
                break;
            case 13 when other.Length > 0:
                WriteOver(PieceOf(other));
                break;
        }
    }

    private ReadOnlySpan<byte> PieceOf(byte[] other)
    {
        int start = random.Below(other.Length);
        return other.AsSpan(start, random.Length(other.Length - start));
    }

    private void WriteNumber()
    {
        Span<byte> number = stackalloc byte[sizeof(ulong)];
        ulong value = random.Pick<ulong>(Numbers) + (ulong)random.Between(-1, 1);
        if (random.OneIn(4))
            BinaryPrimitives.WriteUInt64BigEndian(number, value);
        else
            BinaryPrimitives.WriteUInt64LittleEndian(number, value);
        WriteOver(number[..(1 << random.Below(4))]);
    }

    private void WriteOver(ReadOnlySpan<byte> bytes)
    {
        int at = random.Below(_length);
        bytes[..Math.Min(bytes.Length, _length - at)].CopyTo(_buffer.AsSpan(at));
    }

    private void Delete()
    {
        int at = random.Below(_length);
        int count = random.Length(_length - at);
        _buffer.AsSpan(at + count, _length - at - count).CopyTo(_buffer.AsSpan(at));
        _length -= count;
    }

    private void Repeat()
    {
        Span<byte> copy = stackalloc byte[64];
        int at = random.Below(_length);
        int count = random.Length(Math.Min(copy.Length, _length - at));
        _buffer.AsSpan(at, count).CopyTo(copy);
        for (int i = random.Length(4); i > 0; i--)
            InsertBytes(copy[..count], at);
    }

    private void Insert(int count)
    {
        Span<byte> bytes = stackalloc byte[32];
        bytes = bytes[..Math.Min(count, 32)];
        if (random.OneIn(2))
            random.Fill(bytes);
        else
            bytes.Fill(random.Byte());
        InsertBytes(bytes);
    }

    private void InsertBytes(ReadOnlySpan<byte> bytes) => InsertBytes(bytes, random.Below(_length + 1));

    private void InsertBytes(ReadOnlySpan<byte> bytes, int at)
    {
        int count = Math.Min(bytes.Length, _buffer.Length - _length);
        if (count <= 0)
            return;
        _buffer.AsSpan(at, _length - at).CopyTo(_buffer.AsSpan(at + count));
        bytes[..count].CopyTo(_buffer.AsSpan(at));
        _length += count;
    }
}
