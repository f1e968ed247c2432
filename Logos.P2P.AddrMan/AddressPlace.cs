namespace Logos.P2P.AddrMan;

/// <summary>A place in one of the two tables of an address book, and who is there.</summary>
/// <param name="IsTried">Whether in the tried table; else in the new one, where an address may have several places.</param>
/// <param name="Bucket">The bucket.</param>
/// <param name="Position">The position in it.</param>
/// <param name="Entry">Who is there.</param>
public readonly record struct AddressPlace(bool IsTried, int Bucket, int Position, AddressEntry Entry);
