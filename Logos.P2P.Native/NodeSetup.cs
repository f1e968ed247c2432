using Microsoft.Extensions.Logging;

namespace Logos.P2P.Native;

/// <summary>What the options of a node come to.</summary>
/// <param name="Options">How the node is to run.</param>
/// <param name="IsDebugging">Whether details are logged.</param>
internal sealed record NodeSetup(P2POptions Options, bool IsDebugging)
{
    public static NodeSetup Default { get; } = new(new P2POptions(), false);

    /// <summary>The least level that is logged.</summary>
    /// <param name="asked">What the host asks for; 0 for nothing.</param>
    public LogLevel LevelOf(int asked) => (IsDebugging, asked) switch
    {
        (true, _) => LogLevel.Debug,
        (_, 0) => LogLevel.Information,
        _ => (LogLevel)asked,
    };

    /// <summary>Changes the options of the node.</summary>
    public NodeSetup With(Func<P2POptions, P2POptions> change) => this with { Options = change(Options) };
}
