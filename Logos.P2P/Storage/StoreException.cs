namespace Logos.P2P.Storage;

/// <summary>
/// The data directory cannot be used. The message names the file, says what is wrong and what to do about it.
/// </summary>
public sealed class StoreException : IOException
{
    /// <summary>Makes an exception.</summary>
    public StoreException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Makes an exception.</summary>
    public StoreException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception.</summary>
    public StoreException()
    {
    }
}
