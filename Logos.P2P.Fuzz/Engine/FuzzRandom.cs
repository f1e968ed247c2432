using System.Numerics;

namespace Logos.P2P.Fuzz.Engine;

/// <summary>
/// Numbers for mutations: xorshift64*, which a mutation draws dozens of. <see cref="Random"/> would take a third of the time that
/// a cheap target takes.
/// </summary>
internal sealed class FuzzRandom(ulong seed)
{
    private ulong _state = seed * 2 + 1;

    public ulong Next()
    {
        ulong x = _state;
        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
        _state = x;
        return x * 0x2545F4914F6CDD1D;
    }

    /// <summary>A number from 0 to below a limit, which is above 0.</summary>
    public int Below(int limit) => (int)(((Next() >> 32) * (ulong)limit) >> 32);

    /// <summary>A number between two, both included.</summary>
    public int Between(int from, int to) => from + Below(to - from + 1);

    public bool OneIn(int count) => Below(count) == 0;

    public byte Byte() => (byte)(Next() >> 56);

    /// <summary>A length: short ones much more often than long ones, none above a limit.</summary>
    public int Length(int most) => most == 0 ? 0 : 1 + Below(Math.Min(most, 1 << Below(BitOperations.Log2((uint)most) + 2)));

    public void Fill(Span<byte> bytes)
    {
        foreach (ref byte b in bytes)
            b = Byte();
    }

    public ref readonly T Pick<T>(ReadOnlySpan<T> items) => ref items[Below(items.Length)];
}
