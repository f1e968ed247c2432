namespace Logos.P2P.Storage;

/// <summary>
/// A place for a few named values, such as a table of the database that the program around a node has anyway. Called from one
/// thread at a time, whichever it is.
/// </summary>
/// <remarks>
/// The names are `peers`, `banlist` and `anchors`, and the same with `.bak` for what could not be read and was set aside. Of these `peers`
/// is large. It is stored once a minute at most while addresses prove themselves, else every quarter of an hour, when the node stops,
/// and when it is asked to save.
/// </remarks>
public interface IKeyValueStorage
{
    /// <summary>The value of a name.</summary>
    /// <param name="name">A few ASCII letters.</param>
    /// <returns>What was stored last; null when nothing was.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    byte[]? Load(string name);

    /// <summary>Stores a value: all of it, or the one before stays.</summary>
    /// <param name="name">A few ASCII letters.</param>
    /// <param name="value">The value: 100 KB for a thousand addresses, 8 MB at most.</param>
    /// <exception cref="IOException">It cannot be stored. The node tries again later.</exception>
    void Store(string name, ReadOnlySpan<byte> value);
}
