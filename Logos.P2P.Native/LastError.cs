using System.Runtime.CompilerServices;
using System.Text;

namespace Logos.P2P.Native;

/// <summary>What the last call that failed on this thread failed with, as C reads it.</summary>
internal static unsafe class LastError
{
    // Pinned, so that C may hold on to it; the thread's end frees it.
    [ThreadStatic]
    private static byte[]? _text;

    /// <summary>Which kind of error it was, for those functions whose answer has no room for that.</summary>
    [field: ThreadStatic]
    public static Result Result { get; private set; }

    /// <summary>The text, which ends with a zero; empty when nothing failed yet.</summary>
    public static byte* Text
    {
        get
        {
            if (_text is null)
                Set("", Result.Ok);
            return (byte*)Unsafe.AsPointer(ref _text![0]);
        }
    }

    public static void Set(string text, Result result)
    {
        Result = result;
        byte[] bytes = GC.AllocateArray<byte>(Encoding.UTF8.GetByteCount(text) + 1, pinned: true);
        Encoding.UTF8.GetBytes(text, bytes);
        _text = bytes;
    }
}
