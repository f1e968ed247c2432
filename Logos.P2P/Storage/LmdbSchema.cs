using System.Buffers.Binary;
using LightningDB;
using Logos.P2P.AddrMan;
using Logos.P2P.Wire;

namespace Logos.P2P.Storage;

/// <summary>
/// What says whose a store is and how it is to be read: the schema version, the network and the secret key, in its database
/// <see cref="Meta"/>. They are written with the first transaction of a store and never again.
/// </summary>
internal static class LmdbSchema
{
    /// <summary>The database of what is said of the whole store.</summary>
    public const string Meta = "meta";

    /// <summary>Raised when the meaning of stored bytes changes.</summary>
    private const int Version = 3;

    private static ReadOnlySpan<byte> VersionKey => "schema"u8;

    private static ReadOnlySpan<byte> NetworkKey => "network"u8;

    private static ReadOnlySpan<byte> SecretKey => "addrman.key"u8;

    /// <summary>Writes the schema of a new store.</summary>
    public static void Write(LightningTransaction transaction, LightningDatabase meta, P2PNetwork network, byte[] key)
    {
        Span<byte> number = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteInt32LittleEndian(number, Version);
        transaction.Put(meta, VersionKey, number).ThrowOnError();
        BinaryPrimitives.WriteUInt32LittleEndian(number, network.Magic());
        transaction.Put(meta, NetworkKey, number).ThrowOnError();
        transaction.Put(meta, SecretKey, key).ThrowOnError();
    }

    /// <summary>Makes sure that a store can be read and is one of a network.</summary>
    /// <param name="transaction">What it is read with.</param>
    /// <param name="meta">The database.</param>
    /// <param name="network">The network.</param>
    /// <param name="path">The file, for the error message.</param>
    /// <returns>The secret key of the address manager.</returns>
    /// <exception cref="StoreException">It is damaged, of another network or of another version of this program.</exception>
    public static byte[] Read(LightningTransaction transaction, LightningDatabase meta, P2PNetwork network, string path)
    {
        (MDBResultCode code, _, MDBValue version) = transaction.Get(meta, VersionKey);
        if (code.ThrowOnReadError() == MDBResultCode.NotFound || version.AsSpan().Length != sizeof(int))
            throw LmdbFile.Damaged(path, "it has no schema");
        if (BinaryPrimitives.ReadInt32LittleEndian(version.AsSpan()) != Version)
            throw new StoreException(
                $"'{path}' was written by another version of this program. "
                + "Run that version, or move the file away to start with an empty address book.");

        (code, _, MDBValue magic) = transaction.Get(meta, NetworkKey);
        if (code.ThrowOnReadError() == MDBResultCode.NotFound || magic.AsSpan().Length != sizeof(uint))
            throw LmdbFile.Damaged(path, "it belongs to no network");
        if (BinaryPrimitives.ReadUInt32LittleEndian(magic.AsSpan()) != network.Magic())
            throw new StoreException(
                $"'{path}' belongs to the network {NameOf(magic.AsSpan())}, not to {network}. Put it back where it was, or "
                + "move it away to start with an empty address book.");

        (code, _, MDBValue key) = transaction.Get(meta, SecretKey);
        return code.ThrowOnReadError() == MDBResultCode.Success && key.AsSpan().Length == AddrManParameters.KeySize
            ? key.CopyToNewArray()
            : throw LmdbFile.Damaged(path, $"its key has not {AddrManParameters.KeySize} bytes");
    }

    private static string NameOf(ReadOnlySpan<byte> magic) =>
        PeersFile.NetworkOf(magic)?.ToString() ?? Convert.ToHexStringLower(magic);
}
