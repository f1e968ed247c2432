namespace Logos.P2P.AddrMan;

/// <summary>A map of autonomous systems cannot be used. The message names the file and says what is wrong.</summary>
public sealed class AsmapException : IOException
{
    /// <summary>Makes an exception.</summary>
    public AsmapException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Makes an exception.</summary>
    public AsmapException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception.</summary>
    public AsmapException()
    {
    }
}
