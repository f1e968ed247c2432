namespace Logos.P2P.Wire;

/// <summary>RFC 4648 base 32 in lower case without padding, as `.onion` and `.b32.i2p` names use it.</summary>
internal static class Base32
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";
    private const int BitsPerChar = 5;

    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        Span<char> text = stackalloc char[EncodedLength(bytes.Length)];
        int written = 0, bits = 0, buffer = 0;
        foreach (byte b in bytes)
        {
            buffer = (buffer << 8) | b;
            for (bits += 8; bits >= BitsPerChar; bits -= BitsPerChar)
                text[written++] = Alphabet[(buffer >> (bits - BitsPerChar)) & 31];
            buffer &= (1 << bits) - 1;
        }

        if (bits > 0)
            text[written] = Alphabet[(buffer << (BitsPerChar - bits)) & 31];
        return new string(text);
    }

    /// <summary>Decodes text that must fill <paramref name="bytes"/> exactly, with no bits left over but zeros.</summary>
    public static bool TryDecode(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        if (text.Length != EncodedLength(bytes.Length))
            return false;

        int written = 0, bits = 0, buffer = 0;
        foreach (char c in text)
        {
            // Not ToLowerInvariant: it turns the Kelvin sign into k, and two texts must not name one host.
            int value = Alphabet.IndexOf(char.IsAsciiLetterUpper(c) ? (char)(c | 0x20) : c, StringComparison.Ordinal);
            if (value < 0)
                return false;
            buffer = (buffer << BitsPerChar) | value;
            bits += BitsPerChar;
            if (bits >= 8)
            {
                bits -= 8;
                bytes[written++] = (byte)(buffer >> bits);
            }

            buffer &= (1 << bits) - 1;
        }

        return buffer == 0;
    }

    private static int EncodedLength(int byteCount) => ((byteCount * 8) + BitsPerChar - 1) / BitsPerChar;
}
