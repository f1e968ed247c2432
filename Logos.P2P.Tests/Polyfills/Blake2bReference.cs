namespace Logos.P2P.Tests.Polyfills;

/// <summary>
/// BLAKE2b as RFC 7693 words it, step by step and slowly: what the fast code is held against. It shares nothing with
/// it, tables included.
/// </summary>
internal static class Blake2bReference
{
    private static readonly ulong[] IV =
    [
        0x6A09E667F3BCC908, 0xBB67AE8584CAA73B, 0x3C6EF372FE94F82B, 0xA54FF53A5F1D36F1,
        0x510E527FADE682D1, 0x9B05688C2B3E6C1F, 0x1F83D9ABFB41BD6B, 0x5BE0CD19137E2179,
    ];

    private static readonly int[][] Sigma =
    [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
        [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
        [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
        [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
        [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
        [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
        [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
        [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
        [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
        [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
    ];

    /// <summary>Section 3.3 of the RFC.</summary>
    internal static byte[] Digest(int digestLength, byte[] key, byte[] message)
    {
        byte[] padded = Padded(key, message);
        ulong keyedBytes = (ulong)(message.Length + (key.Length > 0 ? 128 : 0));

        ulong[] h = (ulong[])IV.Clone();
        h[0] ^= 0x01010000 ^ ((ulong)key.Length << 8) ^ (ulong)digestLength;

        int last = padded.Length / 128 - 1;

        for (int i = 0; i < last; i++)
            Compress(h, padded, i, (ulong)(i + 1) * 128, isLast: false);

        Compress(h, padded, last, keyedBytes, isLast: true);

        byte[] digest = new byte[digestLength];

        for (int i = 0; i < digestLength; i++)
            digest[i] = (byte)(h[i / 8] >> (8 * (i % 8)));

        return digest;
    }

    private static byte[] Padded(byte[] key, byte[] message)
    {
        var bytes = new List<byte>(key);

        while (bytes.Count % 128 != 0)
            bytes.Add(0);

        bytes.AddRange(message);

        while (bytes.Count == 0 || bytes.Count % 128 != 0)
            bytes.Add(0);

        return [.. bytes];
    }

    /// <summary>The function F of section 3.2.</summary>
    private static void Compress(ulong[] h, byte[] padded, int block, ulong t, bool isLast)
    {
        ulong[] m = new ulong[16];

        for (int i = 0; i < 128; i++)
            m[i / 8] |= (ulong)padded[block * 128 + i] << (8 * (i % 8));

        ulong[] v = [.. h, .. IV];
        v[12] ^= t;

        if (isLast)
            v[14] = ~v[14];

        for (int round = 0; round < 12; round++)
        {
            int[] s = Sigma[round % 10];

            Mix(v, 0, 4, 8, 12, m[s[0]], m[s[1]]);
            Mix(v, 1, 5, 9, 13, m[s[2]], m[s[3]]);
            Mix(v, 2, 6, 10, 14, m[s[4]], m[s[5]]);
            Mix(v, 3, 7, 11, 15, m[s[6]], m[s[7]]);

            Mix(v, 0, 5, 10, 15, m[s[8]], m[s[9]]);
            Mix(v, 1, 6, 11, 12, m[s[10]], m[s[11]]);
            Mix(v, 2, 7, 8, 13, m[s[12]], m[s[13]]);
            Mix(v, 3, 4, 9, 14, m[s[14]], m[s[15]]);
        }

        for (int i = 0; i < 8; i++)
            h[i] ^= v[i] ^ v[i + 8];
    }

    /// <summary>The function G of section 3.1.</summary>
    private static void Mix(ulong[] v, int a, int b, int c, int d, ulong x, ulong y)
    {
        v[a] = v[a] + v[b] + x;
        v[d] = Rotate(v[d] ^ v[a], 32);
        v[c] = v[c] + v[d];
        v[b] = Rotate(v[b] ^ v[c], 24);
        v[a] = v[a] + v[b] + y;
        v[d] = Rotate(v[d] ^ v[a], 16);
        v[c] = v[c] + v[d];
        v[b] = Rotate(v[b] ^ v[c], 63);
    }

    private static ulong Rotate(ulong word, int right) => (word >> right) | (word << (64 - right));
}
