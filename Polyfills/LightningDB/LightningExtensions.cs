namespace LightningDB;

/// <summary>Results as exceptions, for where a failure is not part of the plan.</summary>
public static class LightningExtensions
{
    /// <summary>Throws unless the result is <see cref="MDBResultCode.Success"/>.</summary>
    /// <param name="resultCode">What LMDB answered.</param>
    /// <returns>The result.</returns>
    /// <exception cref="LightningException">It is a failure.</exception>
    public static MDBResultCode ThrowOnError(this MDBResultCode resultCode) =>
        resultCode == MDBResultCode.Success ? resultCode : throw new LightningException(resultCode);

    /// <summary>
    /// Throws unless the result is <see cref="MDBResultCode.Success"/> or <see cref="MDBResultCode.NotFound"/>.
    /// </summary>
    /// <param name="resultCode">What LMDB answered.</param>
    /// <returns>The result.</returns>
    /// <exception cref="LightningException">It is a failure.</exception>
    public static MDBResultCode ThrowOnReadError(this MDBResultCode resultCode) =>
        resultCode == MDBResultCode.NotFound ? resultCode : resultCode.ThrowOnError();
}
