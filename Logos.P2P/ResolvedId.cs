using Logos.P2P.Wire;

namespace Logos.P2P;

/// <summary>What is known of a message that the upper layer needs.</summary>
public enum Resolution
{
    /// <summary>It is not here.</summary>
    Missing,

    /// <summary>It is here.</summary>
    Found,

    /// <summary>
    /// Several messages have its short id, or several entries of the list have the same one: which is meant cannot be said
    /// without the full id.
    /// </summary>
    Ambiguous,
}

/// <summary>A message that the upper layer needs, and whether it is here.</summary>
/// <param name="Resolution">Whether it is here.</param>
/// <param name="Id">Its id; when only a short id was given, meaningful for what was found alone.</param>
public readonly record struct ResolvedId(Resolution Resolution, MessageId Id);

/// <summary>How a fetch ended; see <see cref="P2PNode.FetchAsync(IReadOnlyCollection{MessageId}, long?, TimeSpan, CancellationToken)"/>.</summary>
/// <param name="Messages">What became of each message, in the order in which they were asked for.</param>
public sealed record FetchResult(IReadOnlyList<ResolvedId> Messages)
{
    /// <summary>Whether all were found.</summary>
    public bool IsComplete => Messages.All(message => message.Resolution == Resolution.Found);
}
