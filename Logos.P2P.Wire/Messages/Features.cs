namespace Logos.P2P.Wire;

/// <summary>The names of our extensions, which nodes offer each other in `feature`.</summary>
public static class Features
{
    /// <summary>
    /// `have`, `want` and what belongs to them. The data is the key under which the sender wants messages named to it; see
    /// <see cref="ShortIdKey"/>.
    /// </summary>
    public static ReadOnlySpan<byte> Relay => "logos.relay"u8;

    /// <summary>
    /// Large messages in chunks: `chunks` and what belongs to it. There is no data; what is there is for later versions. Means
    /// nothing without <see cref="Relay"/>, under whose key lists of chunks are named.
    /// </summary>
    public static ReadOnlySpan<byte> Chunk => "logos.chunk"u8;
}
