namespace Logos.P2P.AddrMan;

/// <summary>What can be wrong with a `peers.dat`.</summary>
public enum PeersFileFault
{
    /// <summary>It ends before it should.</summary>
    Truncated,

    /// <summary>It belongs to another network, or is no `peers.dat` at all.</summary>
    WrongNetwork,

    /// <summary>There never was such a format.</summary>
    UnknownFormat,

    /// <summary>The byte that says which programs can read it says nothing.</summary>
    BadCompatibility,

    /// <summary>
    /// A later version of this program wrote it, in a form this one cannot read. Nothing is wrong with it: set it aside.
    /// </summary>
    NewerFormat,

    /// <summary>The key has not 32 bytes.</summary>
    BadKeySize,

    /// <summary>A number of entries is negative or more than a table holds.</summary>
    BadCount,

    /// <summary>The name of the grouping is empty or not printable.</summary>
    BadGrouping,

    /// <summary>An entry cannot be read, or is not where it belongs.</summary>
    BadEntry,

    /// <summary>Something follows the last entry that should not be there.</summary>
    TrailingBytes,

    /// <summary>The bytes are not those that were written.</summary>
    ChecksumMismatch,
}

/// <summary>What is wrong with a `peers.dat`.</summary>
/// <param name="Fault">The kind.</param>
/// <param name="Message">The same for an operator: words that go on after the name of the file and a colon.</param>
public readonly record struct PeersFileError(PeersFileFault Fault, string Message);
