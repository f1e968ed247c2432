using Logos.P2P.Wire;

namespace Logos.P2P.AddrMan;

/// <summary>
/// Says where an address belongs. Every answer is a keyed hash, so that nobody outside can aim at a bucket, and the
/// same key gives the same answers for ever, so that nobody can try his luck twice. The bytes that are hashed are
/// Bitcoin Core's (`addrman.cpp`), field by field.
/// </summary>
internal sealed class BucketMapper
{
    private const byte NewMark = (byte)'N';
    private const byte TriedMark = (byte)'K';
    private const int MaxKeySize = NetAddress.MaxLength + sizeof(ushort);

    /// <summary>The longest input: the secret and two fields, each with its length of one byte.</summary>
    private const int MaxInputSize = AddrManParameters.KeySize + (2 * (1 + NetGroup.MaxLength));

    private readonly byte[] _secret;
    private readonly IBucketHash _hash;

    /// <param name="secret">The secret key, <see cref="AddrManParameters.KeySize"/> bytes.</param>
    /// <param name="hash">The hash.</param>
    public BucketMapper(ReadOnlySpan<byte> secret, IBucketHash hash)
    {
        if (secret.Length != AddrManParameters.KeySize)
            throw new ArgumentException($"The key has {AddrManParameters.KeySize} bytes.", nameof(secret));
        _secret = secret.ToArray();
        _hash = hash;
    }

    /// <summary>
    /// The tried bucket of an address: one of <see cref="AddrManParameters.TriedBucketsPerGroup"/> of its group, which
    /// one is its own.
    /// </summary>
    public int TriedBucket(in NetEndpoint endpoint, in NetGroup group)
    {
        Span<byte> key = stackalloc byte[MaxKeySize];
        key = key[..WriteKey(endpoint, key)];
        ulong own = Hash(key);
        ulong bucket = Hash(group.Bytes, own % AddrManParameters.TriedBucketsPerGroup);
        return (int)(bucket % AddrManParameters.TriedBucketCount);
    }

    /// <summary>
    /// The new bucket of an address: one of <see cref="AddrManParameters.NewBucketsPerSourceGroup"/> of whoever told
    /// it, which one is its group's.
    /// </summary>
    public int NewBucket(in NetGroup group, in NetGroup sourceGroup)
    {
        ulong own = Hash(group.Bytes, sourceGroup.Bytes);
        ulong bucket = Hash(sourceGroup.Bytes, own % AddrManParameters.NewBucketsPerSourceGroup);
        return (int)(bucket % AddrManParameters.NewBucketCount);
    }

    /// <summary>The one position that an address can have in a bucket.</summary>
    public int Position(bool isNew, int bucket, in NetEndpoint endpoint)
    {
        Span<byte> input = stackalloc byte[MaxInputSize];
        Span<byte> key = stackalloc byte[MaxKeySize];
        WireWriter writer = Begin(input);
        writer.WriteByte(isNew ? NewMark : TriedMark);
        writer.WriteInt32(bucket);
        writer.WriteVarBytes(key[..WriteKey(endpoint, key)]);
        return (int)(_hash.Hash(input[..writer.Written]) % AddrManParameters.BucketSize);
    }

    /// <summary>
    /// The bytes that stand for an endpoint: its address, then its port big-endian. IPv4, IPv6 and internal addresses
    /// are in their 16-byte v1 form; Tor v3, I2P and CJDNS, which that form cannot express, are in their own 32, 32
    /// and 16 bytes, without a network id, as Core has it.
    /// </summary>
    private static int WriteKey(in NetEndpoint endpoint, Span<byte> destination)
    {
        var writer = new WireWriter(destination);
        if (endpoint.Address.IsV1Compatible)
            endpoint.Address.WriteV1(writer.Take(16));
        else
            writer.WriteBytes(endpoint.Address.Bytes);
        writer.WritePort(endpoint.Port);
        return writer.Written;
    }

    private ulong Hash(ReadOnlySpan<byte> field)
    {
        Span<byte> input = stackalloc byte[MaxInputSize];
        WireWriter writer = Begin(input);
        writer.WriteVarBytes(field);
        return _hash.Hash(input[..writer.Written]);
    }

    private ulong Hash(ReadOnlySpan<byte> field, ReadOnlySpan<byte> second)
    {
        Span<byte> input = stackalloc byte[MaxInputSize];
        WireWriter writer = Begin(input);
        writer.WriteVarBytes(field);
        writer.WriteVarBytes(second);
        return _hash.Hash(input[..writer.Written]);
    }

    private ulong Hash(ReadOnlySpan<byte> field, ulong number)
    {
        Span<byte> input = stackalloc byte[MaxInputSize];
        WireWriter writer = Begin(input);
        writer.WriteVarBytes(field);
        writer.WriteUInt64(number);
        return _hash.Hash(input[..writer.Written]);
    }

    private WireWriter Begin(Span<byte> input)
    {
        var writer = new WireWriter(input);
        writer.WriteBytes(_secret);
        return writer;
    }
}
