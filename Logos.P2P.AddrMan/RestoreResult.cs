namespace Logos.P2P.AddrMan;

/// <summary>What became of the entries of a store.</summary>
/// <param name="Restored">Entries taken over.</param>
/// <param name="Dropped">Entries refused: invalid, not routable, known already, or with no free place.</param>
public readonly record struct RestoreResult(int Restored, int Dropped);
