namespace Logos.P2P.Native;

/// <summary>A call of the host that cannot be answered otherwise than by an error.</summary>
/// <param name="result">Which.</param>
/// <param name="message">In words.</param>
internal sealed class NativeException(Result result, string message) : Exception(message)
{
    public Result Result => result;
}
