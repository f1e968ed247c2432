using Logos.P2P.Node.Configuration;

namespace Logos.P2P.Node.Logs;

/// <summary>What is logged, where to and how.</summary>
/// <param name="ToConsole">Whether to standard error.</param>
/// <param name="File">To which file; null for none.</param>
/// <param name="FileSize">Bytes after which another file is begun.</param>
/// <param name="IsJson">Whether as JSON.</param>
/// <param name="IsLimited">Whether what is too much of a kind is left out.</param>
/// <param name="Categories">Of what details are logged.</param>
internal sealed record LogSettings(
    bool ToConsole, string? File, long FileSize, bool IsJson, bool IsLimited, LogCategories Categories)
{
    /// <summary>What holds without options.</summary>
    public static LogSettings Default => new(true, null, RotatingFile.DefaultSize, false, true, new LogCategories());

    /// <summary>Reads the options.</summary>
    /// <param name="values">What was said of them.</param>
    /// <param name="directory">The network's directory, which relative paths start from.</param>
    public static LogSettings Read(OptionValues values, string directory)
    {
        var categories = new LogCategories();
        foreach (string name in values.Texts(OptionTable.Debug))
            categories.TrySet(name, true);
        return new LogSettings(
            values.Switch(OptionTable.PrintToConsole) ?? true,
            values.Text(OptionTable.DebugLogFile) is { } file ? Path.GetFullPath(Path.Combine(directory, file)) : null,
            values.Number(OptionTable.DebugLogSize) * RotatingFile.Mebibyte ?? RotatingFile.DefaultSize,
            values.Switch(OptionTable.LogJson) ?? false,
            values.Switch(OptionTable.LogRateLimit) ?? true,
            categories);
    }
}
