using System.Runtime.InteropServices;

namespace Logos.P2P.Bench.Suites;

/// <summary>The system's BLAKE2b, in C by those who designed it.</summary>
internal static partial class LibB2
{
    private const string Library = "libb2.so.1";

    /// <summary>Whether the library is on this machine.</summary>
    public static bool IsInstalled { get; } = NativeLibrary.TryLoad(Library, out _);

    /// <summary>Writes the digest of a message, as long as there is room for it.</summary>
    public static void Hash(ReadOnlySpan<byte> message, Span<byte> digest)
    {
        int failed = blake2b(
            ref MemoryMarshal.GetReference(digest), in MemoryMarshal.GetReference(message), 0, (nuint)digest.Length, (nuint)message.Length, 0);
        if (failed != 0)
            throw new ArgumentException("libb2 has no such digest.", nameof(digest));
    }

    [LibraryImport(Library)]
    private static partial int blake2b(ref byte output, in byte input, nint key, nuint outputLength, nuint inputLength, nuint keyLength);
}
