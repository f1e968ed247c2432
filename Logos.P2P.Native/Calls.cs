using Logos.P2P.Wire;

namespace Logos.P2P.Native;

/// <summary>What every function of the library does around what it is for: finds the node, and makes errors of exceptions.</summary>
internal static class Calls
{
    /// <summary>Does something with a node, whatever becomes of it.</summary>
    /// <returns>What it gives, zero or above, or one of <see cref="Result"/>.</returns>
    public static int With(nint handle, Func<NativeNode, int> call)
    {
        try
        {
            return call(Require(handle));
        }
#pragma warning disable CA1031 // No exception may pass into C.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return (int)Fail(e);
        }
    }

    /// <summary>The node of a handle.</summary>
    /// <exception cref="NativeException">There is none.</exception>
    public static NativeNode Require(nint handle) => NodeTable.Find(handle)
        ?? throw new NativeException(Result.Handle, handle == 0 ? "The node is null." : "There is no such node, or no longer.");

    /// <summary>Remembers what went wrong.</summary>
    public static Result Fail(Exception e)
    {
        Exception cause = e is AggregateException { InnerException: { } inner } ? inner : e;
        Result result = cause switch
        {
            NativeException native => native.Result,
            ArgumentException or FormatException or OverflowException => Result.Argument,
            IOException => Result.Io,
            // The node stopped between the look whether it runs and the call.
            InvalidOperationException => Result.State,
            _ => Result.Internal,
        };
        LastError.Set(cause.Message, result);
        return result;
    }

    /// <summary>Reads a numeric address, with or without a port.</summary>
    /// <exception cref="NativeException">It is none.</exception>
    public static NetEndpoint ReadEndpoint(string text, ushort defaultPort) =>
        NetEndpoint.TryParse(text, defaultPort, out NetEndpoint endpoint)
            ? endpoint
            : throw new NativeException(Result.Argument, $"'{text}' is not an address; write 192.0.2.1, 192.0.2.1:14495 or [2001:db8::1].");

    /// <summary>Reads a subnet, or an address with or without a port, which does not count.</summary>
    /// <exception cref="NativeException">It is none.</exception>
    public static Subnet ReadHosts(string text) =>
        Subnet.TryParse(text, out Subnet hosts) ? hosts : Subnet.Parse(ReadEndpoint(text, 0).Address.ToString());
}
