using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Logos.P2P.Wire;

namespace Logos.P2P.Native;

/// <summary>Messages. What is called for each of them allocates nothing here.</summary>
internal static unsafe partial class Exports
{
    [UnmanagedCallersOnly(EntryPoint = "logos_p2p_propagate", CallConvs = [typeof(CallConvCdecl)])]
    public static int Propagate(nint handle, byte* data, nuint size)
    {
        try
        {
            return Calls.Require(handle).Running.Propagate(ReadMessage(data, size)) ? 1 : 0;
        }
#pragma warning disable CA1031 // No exception may pass into C.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return (int)Calls.Fail(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "logos_p2p_send_direct", CallConvs = [typeof(CallConvCdecl)])]
    public static int SendDirect(nint handle, long peer, byte* data, nuint size)
    {
        try
        {
            return Calls.Require(handle).Running.SendDirect(peer, ReadMessage(data, size)) ? 1 : 0;
        }
#pragma warning disable CA1031 // No exception may pass into C.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return (int)Calls.Fail(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "logos_p2p_report_invalid", CallConvs = [typeof(CallConvCdecl)])]
    public static int ReportInvalid(nint handle, byte* id) => Calls.With(handle, node => id is null
        ? throw new NativeException(Result.Argument, "id is null.")
        : node.Running.ReportInvalid(new MessageId(new ReadOnlySpan<byte>(id, MessageId.Size))) ? 1 : 0);

    private static ReadOnlySpan<byte> ReadMessage(byte* data, nuint size)
    {
        if (data is null && size > 0)
            throw new NativeException(Result.Argument, "The message is null.");
        if (size > WireLimits.MaxPayload)
            throw new NativeException(Result.Argument, $"A message has at most {WireLimits.MaxPayload} bytes.");
        return new ReadOnlySpan<byte>(data, (int)size);
    }
}
