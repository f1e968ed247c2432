using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Logos.P2P.AddrMan;

/// <summary>
/// The new buckets that an address is in: at most <see cref="AddrManParameters.NewBucketsPerAddress"/> different
/// numbers, ascending. An immutable value, compared by content.
/// </summary>
[SuppressMessage("Naming", "CA1710", Justification = "A value of the domain, not a collection type.")]
public readonly struct BucketSet : IEquatable<BucketSet>
{
    private readonly Numbers _numbers;
    private readonly byte _count;

    private BucketSet(ReadOnlySpan<ushort> ascending)
    {
        ascending.CopyTo(_numbers);
        _count = (byte)ascending.Length;
    }

    /// <summary>How many buckets there are.</summary>
    public int Count => _count;

    /// <summary>The buckets, ascending, each below <see cref="AddrManParameters.NewBucketCount"/>.</summary>
    [UnscopedRef]
    public ReadOnlySpan<ushort> Values => ((ReadOnlySpan<ushort>)_numbers)[.._count];

    /// <summary>True when a bucket is in the set.</summary>
    public bool Contains(int bucket) => Values.BinarySearch((ushort)bucket) >= 0;

    /// <summary>The set with one bucket more. A bucket that is in it already changes nothing.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such bucket.</exception>
    /// <exception cref="InvalidOperationException">The set is full.</exception>
    public BucketSet With(int bucket)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bucket);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(bucket, AddrManParameters.NewBucketCount);
        int index = Values.BinarySearch((ushort)bucket);
        if (index >= 0)
            return this;
        if (_count == AddrManParameters.NewBucketsPerAddress)
            throw new InvalidOperationException("An address is in no more new buckets than that.");

        index = ~index;
        Span<ushort> numbers = stackalloc ushort[_count + 1];
        Values[..index].CopyTo(numbers);
        numbers[index] = (ushort)bucket;
        Values[index..].CopyTo(numbers[(index + 1)..]);
        return new BucketSet(numbers);
    }

    /// <summary>The set without one bucket.</summary>
    public BucketSet Without(int bucket)
    {
        int index = Values.BinarySearch((ushort)bucket);
        if (index < 0)
            return this;

        Span<ushort> numbers = stackalloc ushort[_count];
        Values.CopyTo(numbers);
        numbers[(index + 1)..].CopyTo(numbers[index..]);
        return new BucketSet(numbers[..^1]);
    }

    /// <inheritdoc/>
    public bool Equals(BucketSet other) => Values.SequenceEqual(other.Values);

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is BucketSet other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(MemoryMarshal.AsBytes(Values));
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public override string ToString() => $"[{string.Join(' ', Values.ToArray())}]";

    /// <summary>Same buckets.</summary>
    public static bool operator ==(BucketSet left, BucketSet right) => left.Equals(right);

    /// <summary>Different buckets.</summary>
    public static bool operator !=(BucketSet left, BucketSet right) => !left.Equals(right);

    [InlineArray(AddrManParameters.NewBucketsPerAddress)]
    private struct Numbers
    {
        private ushort _first;
    }
}
