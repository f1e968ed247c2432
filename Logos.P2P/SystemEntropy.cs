using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Logos.P2P;

/// <summary>
/// Bytes that nobody can guess, from the system's kernel. On Linux not by way of .NET, whose generator there is OpenSSL's: a program
/// in C that this library is linked into need not have it.
/// </summary>
internal static partial class SystemEntropy
{
    private const int Interrupted = 4;

    public static void Fill(Span<byte> bytes)
    {
        if (!OperatingSystem.IsLinux())
        {
            RandomNumberGenerator.Fill(bytes);
            return;
        }

        while (bytes.Length > 0)
        {
            nint got = GetRandom(ref MemoryMarshal.GetReference(bytes), (nuint)bytes.Length, 0);
            if (got < 0 && Marshal.GetLastPInvokeError() != Interrupted)
                throw new CryptographicException($"getrandom: error {Marshal.GetLastPInvokeError()}.");
            bytes = bytes[(int)Math.Max(got, 0)..];
        }
    }

    [LibraryImport("libc", EntryPoint = "getrandom", SetLastError = true)]
    private static partial nint GetRandom(ref byte buffer, nuint length, uint flags);
}
