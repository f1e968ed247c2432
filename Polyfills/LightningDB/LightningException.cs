using LightningDB.Native;

namespace LightningDB;

/// <summary>LMDB could not do what it was asked.</summary>
public sealed class LightningException : Exception
{
    internal LightningException(MDBResultCode result)
        : base(Lmdb.Describe(result)) => StatusCode = (int)result;

    internal LightningException(string message, LightningException innerException)
        : base(message, innerException)
    {
    }

    /// <summary>
    /// What LMDB answered, or zero where the <see cref="Exception.InnerException"/> has it.
    /// </summary>
    public int StatusCode { get; }
}
