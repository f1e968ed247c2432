namespace Logos.P2P.AddrMan;

/// <summary>What became of the entries of a store.</summary>
/// <param name="Restored">Entries taken over.</param>
/// <param name="Dropped">Entries refused for good: invalid, known already, or with no free place.</param>
/// <param name="Unroutable">
/// Entries passed over because they are not routable under the present options. The store is to keep them.
/// </param>
public readonly record struct RestoreResult(int Restored, int Dropped, int Unroutable);
