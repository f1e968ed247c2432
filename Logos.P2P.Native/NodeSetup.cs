using Logos.P2P.Node.Configuration;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Native;

/// <summary>What the options of a node come to.</summary>
/// <param name="Options">How the node is to run.</param>
/// <param name="IsDebugging">Whether details are logged.</param>
internal sealed record NodeSetup(P2POptions Options, bool IsDebugging)
{
    /// <summary>Reads the values of options.</summary>
    /// <exception cref="OptionException">One cannot be.</exception>
    public static NodeSetup Of(OptionValues values) => new(
        NodeOptions.Read(values, NodeOptions.NetworkOf(values)) with
        {
            DataDirectory = values.Text(OptionTable.DataDirectory),
            NetworkActive = values.Switch(OptionTable.NetworkActive) ?? true,
        },
        values.Texts(OptionTable.Debug) is [.., not "none"]);

    /// <summary>The least level that is logged.</summary>
    /// <param name="asked">What the host asks for; 0 for nothing.</param>
    public LogLevel LevelOf(int asked) => (IsDebugging, asked) switch
    {
        (true, _) => LogLevel.Debug,
        (_, 0) => LogLevel.Information,
        _ => (LogLevel)asked,
    };
}
