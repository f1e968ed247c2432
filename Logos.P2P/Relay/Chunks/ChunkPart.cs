namespace Logos.P2P.Relay.Chunks;

/// <summary>One peer's part in a message that travels in chunks.</summary>
internal sealed class ChunkPart(RelayLink link)
{
    /// <summary>What it occupies. A test measures it.</summary>
    public const int Bytes = 160;

    private ChunkSet _has;
    private ChunkSet _failed;

    public RelayLink Link => link;

    /// <summary>The chunks that it has, by what it said and sent.</summary>
    public ref ChunkSet Has => ref _has;

    /// <summary>The chunks that it was asked for and did not bring in time.</summary>
    public ref ChunkSet Failed => ref _failed;

    /// <summary>Whether it said that it has all, and that they are the message.</summary>
    public bool HasWhole { get; set; }

    /// <summary>Whether both ends know the list.</summary>
    public bool KnowsList { get; set; }

    /// <summary>Whether it has told another list of the same name, so that nobody knows which one it speaks of.</summary>
    public bool MeansAnother { get; set; }

    /// <summary>Whether it was told that the whole is here.</summary>
    public bool IsTold { get; set; }

    /// <summary>Whether it was told of the message by other means.</summary>
    public bool IsAnnounced { get; set; }

    /// <summary>When it last spoke of the message.</summary>
    public TimeSpan HeardAt { get; set; }

    /// <summary>Chunks that it was asked for and that did not come yet.</summary>
    public int Asked { get; set; }
}
