using System.Runtime.InteropServices;
using Logos.P2P.Wire;

namespace Logos.P2P;

/// <summary>
/// Every random choice of a node. From the system's generator, which nobody can predict, or from a seed, so that a
/// simulation is a function of it. Any thread.
/// </summary>
internal sealed class RandomSource(ulong? seed)
{
    private readonly Lock _gate = new();
    private readonly Random _random = seed is { } value ? new Random(Fold(value)) : new SystemRandom();

    public ulong NextUInt64()
    {
        Span<ulong> value = stackalloc ulong[1];
        lock (_gate)
            _random.NextBytes(MemoryMarshal.AsBytes(value));
        return value[0];
    }

    /// <summary>A wait whose mean is given and whose end cannot be foreseen from how long it has lasted.</summary>
    public TimeSpan NextExponential(TimeSpan mean)
    {
        double uniform;
        lock (_gate)
            uniform = _random.NextDouble();
        return mean * -Math.Log(1 - uniform);
    }

    /// <summary>A time between two, each as likely as any other.</summary>
    public TimeSpan NextBetween(TimeSpan from, TimeSpan to)
    {
        lock (_gate)
            return from + ((to - from) * _random.NextDouble());
    }

    public void Shuffle<T>(Span<T> values)
    {
        lock (_gate)
            _random.Shuffle(values);
    }

    /// <summary>A generator of its own for an object that guards it itself.</summary>
    public Random Fork() => seed is null ? new SystemRandom() : new Random(NextUInt64().GetHashCode());

    public byte[] NextBytes(int count)
    {
        byte[] bytes = new byte[count];
        lock (_gate)
            _random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>
    /// .NET's seeds have 32 bits. A hash makes them of all of ours: its own hash code of a number is the halves' difference,
    /// the same for many numbers that somebody would choose.
    /// </summary>
    private static int Fold(ulong seed) => (int)SipHash.Hash64(seed, 0, []);

    /// <summary>The system's generator in the shape of <see cref="Random"/>.</summary>
    private sealed class SystemRandom : Random
    {
        public override void NextBytes(byte[] buffer) => SystemEntropy.Fill(buffer);

        public override void NextBytes(Span<byte> buffer) => SystemEntropy.Fill(buffer);

        public override int Next() => Next(int.MaxValue);

        public override int Next(int maxValue) => Next(0, maxValue);

        /// <summary>
        /// Half of a product of 64 bits, so that no number is likelier than another by more than one part in four thousand million.
        /// </summary>
        public override int Next(int minValue, int maxValue)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(minValue, maxValue);
            ulong range = (ulong)((long)maxValue - minValue);
            return (int)(minValue + (long)Math.BigMul(NextUInt64(), range, out _));
        }

        public override long NextInt64() => (long)(NextUInt64() >> 1);

        private static ulong NextUInt64()
        {
            ulong value = 0;
            SystemEntropy.Fill(MemoryMarshal.AsBytes(new Span<ulong>(ref value)));
            return value;
        }

        protected override double Sample() => (NextInt64() >> 10) * (1.0 / (1UL << 53));
    }
}
