using Logos.P2P.Wire;

namespace Logos.P2P.AddrMan;

/// <summary>
/// What changed since changes were last taken, each address at most once. Whoever fails to store it keeps it and
/// stores it before the next one.
/// </summary>
/// <param name="Upserted">The entries to insert or replace; at most <see cref="AddrManParameters.Capacity"/>.</param>
/// <param name="Removed">
/// The endpoints to remove, none of them upserted. At most <see cref="AddrManParameters.Capacity"/>, and after a
/// restore also those that were not taken over.
/// </param>
/// <param name="TriedChanged">
/// True when an address answered, and so went to the tried table or proved itself there again: worth storing soon,
/// because it took a connection to learn.
/// </param>
public sealed record AddressChanges(
    IReadOnlyList<AddressEntry> Upserted, IReadOnlyList<NetEndpoint> Removed, bool TriedChanged)
{
    /// <summary>True when there is nothing to store.</summary>
    public bool IsEmpty => Upserted.Count == 0 && Removed.Count == 0;
}
