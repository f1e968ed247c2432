namespace Logos.P2P.AddrMan;

/// <summary>What became of the entries of another manager.</summary>
/// <param name="Added">Entries taken over.</param>
/// <param name="Known">Entries of addresses that were known; what they had of news was taken over.</param>
/// <param name="Unusable">Entries refused because they are inconsistent, or not routable here.</param>
/// <param name="Crowded">Entries refused because they have no free place.</param>
public readonly record struct MergeResult(int Added, int Known, int Unusable, int Crowded);
