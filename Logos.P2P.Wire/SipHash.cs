using System.Buffers.Binary;
using System.Numerics;

namespace Logos.P2P.Wire;

/// <summary>
/// SipHash-2-4 (Aumasson and Bernstein, 2012): a short keyed hash that someone without the key can neither predict nor
/// make collide. Used wherever peers choose the input of a table or of a choice.
/// </summary>
public static class SipHash
{
    /// <summary>The 64-bit hash.</summary>
    public static ulong Hash64(ulong key0, ulong key1, ReadOnlySpan<byte> data)
    {
        var state = new State(key0, key1, wide: false);
        state.Absorb(data);
        return state.Finish(0xFF);
    }

    /// <summary>The 128-bit hash of the reference implementation; low half first.</summary>
    public static UInt128 Hash128(ulong key0, ulong key1, ReadOnlySpan<byte> data)
    {
        var state = new State(key0, key1, wide: true);
        state.Absorb(data);
        ulong low = state.Finish(0xEE);
        ulong high = state.FinishHigh();
        return new UInt128(high, low);
    }

    private ref struct State
    {
        private ulong _v0;
        private ulong _v1;
        private ulong _v2;
        private ulong _v3;

        public State(ulong key0, ulong key1, bool wide)
        {
            _v0 = key0 ^ 0x736f6d6570736575;
            _v1 = key1 ^ 0x646f72616e646f6d ^ (wide ? 0xEEUL : 0);
            _v2 = key0 ^ 0x6c7967656e657261;
            _v3 = key1 ^ 0x7465646279746573;
        }

        public void Absorb(ReadOnlySpan<byte> data)
        {
            ulong last = (ulong)data.Length << 56;
            for (; data.Length >= sizeof(ulong); data = data[sizeof(ulong)..])
                AbsorbWord(BinaryPrimitives.ReadUInt64LittleEndian(data));
            for (int i = 0; i < data.Length; i++)
                last |= (ulong)data[i] << (8 * i);
            AbsorbWord(last);
        }

        public ulong Finish(ulong mark)
        {
            _v2 ^= mark;
            return FourRounds();
        }

        public ulong FinishHigh()
        {
            _v1 ^= 0xDD;
            return FourRounds();
        }

        private ulong FourRounds()
        {
            for (int i = 0; i < 4; i++)
                Round();
            return _v0 ^ _v1 ^ _v2 ^ _v3;
        }

        private void AbsorbWord(ulong word)
        {
            _v3 ^= word;
            Round();
            Round();
            _v0 ^= word;
        }

        private void Round()
        {
            _v0 += _v1;
            _v2 += _v3;
            _v1 = BitOperations.RotateLeft(_v1, 13) ^ _v0;
            _v3 = BitOperations.RotateLeft(_v3, 16) ^ _v2;
            _v0 = BitOperations.RotateLeft(_v0, 32);
            _v2 += _v1;
            _v0 += _v3;
            _v1 = BitOperations.RotateLeft(_v1, 17) ^ _v2;
            _v3 = BitOperations.RotateLeft(_v3, 21) ^ _v0;
            _v2 = BitOperations.RotateLeft(_v2, 32);
        }
    }
}
