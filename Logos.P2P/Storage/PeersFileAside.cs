namespace Logos.P2P.Storage;

/// <summary>A `peers.dat` that was not used and is not lost.</summary>
/// <param name="Path">Where it is now.</param>
/// <param name="Why">Why it was not used.</param>
internal sealed record PeersFileAside(string Path, string Why);
