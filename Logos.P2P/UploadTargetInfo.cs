namespace Logos.P2P;

/// <summary>How far the upload target of a day (<see cref="P2POptions.MaxUploadTarget"/>) has been used.</summary>
/// <param name="Target">Bytes; 0 for no target.</param>
/// <param name="IsReached">Whether what peers ask for is refused.</param>
/// <param name="BytesLeft">Bytes until then.</param>
/// <param name="TimeLeft">How long until the next day.</param>
public readonly record struct UploadTargetInfo(long Target, bool IsReached, long BytesLeft, TimeSpan TimeLeft);
