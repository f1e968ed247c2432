using Blake2Fast.Implementation;

namespace Blake2Fast;

/// <summary>BLAKE2b (RFC 7693) digests of 1 to 64 bytes, with or without a key.</summary>
public static class Blake2b
{
    /// <summary>Writes the digest of a whole message.</summary>
    /// <param name="digestLength">Bytes in the digest, 1 to 64.</param>
    /// <param name="input">The message.</param>
    /// <param name="output">Takes the digest in its first <paramref name="digestLength"/> bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no digest of that length.</exception>
    /// <exception cref="ArgumentException"><paramref name="output"/> is too small for the digest.</exception>
    public static void ComputeAndWriteHash(int digestLength, ReadOnlySpan<byte> input, Span<byte> output) =>
        ComputeAndWriteHash(digestLength, key: default, input, output);

    /// <summary>Writes the digest of a whole message under a key.</summary>
    /// <param name="digestLength">Bytes in the digest, 1 to 64.</param>
    /// <param name="key">The key, 0 to 64 bytes; an empty one is the same as none.</param>
    /// <param name="input">The message.</param>
    /// <param name="output">Takes the digest in its first <paramref name="digestLength"/> bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no digest of that length.</exception>
    /// <exception cref="ArgumentException">The key is too long, or the output too small for the digest.</exception>
    public static void ComputeAndWriteHash(
        int digestLength, ReadOnlySpan<byte> key, ReadOnlySpan<byte> input, Span<byte> output)
    {
        var state = new Blake2bHashState(digestLength, key);
        state.Update(input);
        state.Finish(output);
    }

    /// <summary>Begins the digest of a message that comes in parts.</summary>
    /// <param name="digestLength">Bytes in the digest, 1 to 64.</param>
    /// <returns>The computation, to be updated with the parts and then finished.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no digest of that length.</exception>
    public static Blake2bHashState CreateIncrementalHasher(int digestLength) =>
        CreateIncrementalHasher(digestLength, key: default);

    /// <summary>Begins the digest of a message that comes in parts, under a key.</summary>
    /// <param name="digestLength">Bytes in the digest, 1 to 64.</param>
    /// <param name="key">The key, 0 to 64 bytes; an empty one is the same as none.</param>
    /// <returns>The computation, to be updated with the parts and then finished.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no digest of that length.</exception>
    /// <exception cref="ArgumentException">The key is too long.</exception>
    public static Blake2bHashState CreateIncrementalHasher(int digestLength, ReadOnlySpan<byte> key) =>
        new(digestLength, key);
}
