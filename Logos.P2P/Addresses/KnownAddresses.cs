using Logos.P2P.Wire;

namespace Logos.P2P.Addresses;

/// <summary>
/// Which addresses a peer knows: the latest 4,375 at least that were news to it and 5,000 at most, in 16 KiB, where exact sets of so many
/// for each of 200 peers took 80 MB. Of 5,000 addresses that were never added one counts as known; with the filter that Bitcoin Core has for it, one
/// of a thousand.
/// </summary>
/// <remarks>
/// A Bloom filter (Bloom 1970) for each of eight generations, made when it is begun, so that a peer that knows few has little. An
/// address is eight bits of 16,384, which a keyed hash names: 625 addresses set 26 % of them, 0.26 to the power of eight is 0.002 %,
/// and there are eight. The key keeps anybody from making addresses that fall on the bits of another.
/// </remarks>
/// <param name="key">The key.</param>
internal sealed class KnownAddresses(ulong key)
{
    /// <summary>Bytes of all generations.</summary>
    public const int MaxBytes = Generations * BytesOfGeneration;

    private const int Generations = 8;
    private const int PerGeneration = 625;
    private const int BitCount = 1 << 14;
    private const int BytesOfGeneration = BitCount / 8;
    private const int WordSize = 64;
    private const int BitsOfAddress = 8;

    private readonly ulong[]?[] _generations = new ulong[Generations][];
    private int _youngest = -1;
    private int _countOfYoungest = PerGeneration;

    /// <summary>Bytes of the generations that there are.</summary>
    public int Bytes => _generations.Count(generation => generation is not null) * BytesOfGeneration;

    /// <summary>Whether an address is among them.</summary>
    public bool Contains(in NetEndpoint endpoint) => Contains(HashOf(endpoint));

    /// <summary>Adds an address.</summary>
    /// <returns>False when it was among them.</returns>
    public bool TryAdd(in NetEndpoint endpoint)
    {
        UInt128 hash = HashOf(endpoint);
        if (Contains(hash))
            return false;
        if (_countOfYoungest == PerGeneration)
            Begin();

        _countOfYoungest++;
        ulong[] bits = _generations[_youngest]!;
        for (int i = 0; i < BitsOfAddress; i++, hash >>= 16)
            bits[WordOf(hash)] |= 1UL << (ushort)hash;
        return true;
    }

    /// <summary>Begins a generation, in the place of the oldest when all places are taken.</summary>
    private void Begin()
    {
        _youngest = (_youngest + 1) % Generations;
        _countOfYoungest = 0;
        if (_generations[_youngest] is { } oldest)
            Array.Clear(oldest);
        else
            _generations[_youngest] = new ulong[BitCount / WordSize];
    }

    private bool Contains(UInt128 hash)
    {
        foreach (ulong[]? generation in _generations)
        {
            if (generation is not null && Contains(generation, hash))
                return true;
        }

        return false;
    }

    private static bool Contains(ulong[] bits, UInt128 hash)
    {
        for (int i = 0; i < BitsOfAddress; i++, hash >>= 16)
        {
            if ((bits[WordOf(hash)] & (1UL << (ushort)hash)) == 0)
                return false;
        }

        return true;
    }

    private static int WordOf(UInt128 hash) => (ushort)hash % BitCount / WordSize;

    private UInt128 HashOf(in NetEndpoint endpoint)
    {
        Span<byte> name = stackalloc byte[sizeof(byte) + NetAddress.MaxLength + sizeof(ushort)];
        var writer = new WireWriter(name);
        writer.WriteByte((byte)endpoint.Address.Network);
        writer.WriteBytes(endpoint.Address.Bytes);
        writer.WritePort(endpoint.Port);
        return SipHash.Hash128(key, 0, name[..writer.Written]);
    }
}
