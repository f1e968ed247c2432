using System.Runtime.InteropServices;
using System.Text;

namespace Logos.P2P.Native;

/// <summary>Texts of C: UTF-8 that ends with a zero.</summary>
internal static unsafe class Text
{
    /// <summary>Reads a text of the host.</summary>
    /// <exception cref="NativeException">It is null.</exception>
    public static string Read(byte* text, string what) => text is null
        ? throw new NativeException(Result.Argument, $"{what} is null.")
        : Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text));

    /// <summary>Makes a text that the host frees by free().</summary>
    public static byte* Allocate(string text)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        byte* bytes = (byte*)NativeMemory.Alloc((nuint)length + 1);
        Encoding.UTF8.GetBytes(text, new Span<byte>(bytes, length));
        bytes[length] = 0;
        return bytes;
    }

    /// <summary>The bytes of a text for the time of a call.</summary>
    public static byte[] Bytes(string text)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetByteCount(text) + 1];
        Encoding.UTF8.GetBytes(text, bytes);
        return bytes;
    }
}
