namespace Logos.P2P.Wire;

/// <summary>
/// `feature` (BIP434): an extension the sender offers, named by bytes and carrying data that only the extension
/// understands. The one message in which bytes too many are an error, since BIP434 says so.
/// </summary>
/// <param name="Id">The extension's name: 4 to 80 bytes, not necessarily text.</param>
/// <param name="Data">What the extension wants to say: at most 512 bytes.</param>
public readonly record struct FeatureMessage(ReadOnlyMemory<byte> Id, ReadOnlyMemory<byte> Data)
{
    /// <summary>Reads a payload.</summary>
    public static DecodeStatus TryRead(ReadOnlySpan<byte> payload, out FeatureMessage message)
    {
        message = default;
        var reader = new WireReader(payload);
        if (!reader.TryReadVarBytes(WireLimits.MaxFeatureId, out ReadOnlySpan<byte> id)
            || id.Length < WireLimits.MinFeatureId
            || !reader.TryReadVarBytes(WireLimits.MaxFeatureData, out ReadOnlySpan<byte> data)
            || reader.Remaining != 0)
        {
            return DecodeStatus.Malformed;
        }

        message = new FeatureMessage(id.ToArray(), data.ToArray());
        return DecodeStatus.Ok;
    }

    /// <summary>The exact size of the payload in bytes.</summary>
    public int GetSize() =>
        WireWriter.CompactSizeLength((ulong)Id.Length) + Id.Length
        + WireWriter.CompactSizeLength((ulong)Data.Length) + Data.Length;

    /// <summary>Writes the payload.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id or the data is of a length that no peer would read.</exception>
    public void Write(Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Id.Length, WireLimits.MinFeatureId, nameof(Id));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Id.Length, WireLimits.MaxFeatureId, nameof(Id));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Data.Length, WireLimits.MaxFeatureData, nameof(Data));
        var writer = new WireWriter(destination);
        writer.WriteVarBytes(Id.Span);
        writer.WriteVarBytes(Data.Span);
    }
}
