using Logos.P2P.AddrMan;

namespace Logos.P2P.Storage;

/// <summary>What a store has of an address book.</summary>
/// <param name="Entries">The entries.</param>
/// <param name="Grouping">The name of the grouping that placed them; null when none was ever stored.</param>
/// <param name="Unreadable">How many more there are that are damaged. They stay where they are.</param>
internal sealed record StoredBook(IReadOnlyList<AddressEntry> Entries, string? Grouping, int Unreadable);
