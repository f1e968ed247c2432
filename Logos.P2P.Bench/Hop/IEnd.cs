namespace Logos.P2P.Bench.Hop;

/// <summary>An end of a line: sends messages, or is told of those that come.</summary>
internal interface IEnd : IDisposable
{
    /// <summary>Sends frames.</summary>
    void Send(ReadOnlySpan<byte> frames);

    /// <summary>Waits for something and looks at it.</summary>
    /// <returns>False when the other side is gone.</returns>
    bool Read();
}
