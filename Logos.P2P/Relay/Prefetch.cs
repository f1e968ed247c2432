using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Logos.P2P.Wire;

namespace Logos.P2P.Relay;

/// <summary>
/// Has the processor fetch what is needed soon. Tables of messages are larger than its caches, and waiting for memory is most of what
/// a message costs; but which message is forgotten next is known before. Only a hint: it does nothing where there is no such
/// instruction, and no harm when the garbage collector moves the object meanwhile.
/// </summary>
internal static class Prefetch
{
    private const int LineSize = 64;

    /// <summary>Fetches the beginning of an object.</summary>
    /// <param name="item">The object; it is not touched.</param>
    /// <param name="bytes">How much of it.</param>
    public static void Object(object? item, int bytes)
    {
        if (Sse.IsSupported)
            Lines(Unsafe.As<object?, nint>(ref item), bytes);
    }

    /// <summary>Fetches a value.</summary>
    public static unsafe void Value<T>(ref T value)
        where T : unmanaged
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(Unsafe.AsPointer(ref value));
    }

    /// <summary>Fetches the buffer of a frame.</summary>
    public static void Buffer(Frame frame)
    {
        if (Sse.IsSupported)
            Lines(Address(frame.Memory.Span), Math.Min(frame.Length, MaxBuffer));
    }

    /// <summary>What lies further behind the processor fetches by itself.</summary>
    private const int MaxBuffer = 8 * LineSize;

    private static unsafe nint Address(ReadOnlySpan<byte> bytes) =>
        (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(bytes));

    private static unsafe void Lines(nint start, int bytes)
    {
        for (int i = 0; i < bytes; i += LineSize)
            Sse.Prefetch0((byte*)start + i);
    }
}
