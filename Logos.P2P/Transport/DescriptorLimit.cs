using System.Globalization;

namespace Logos.P2P.Transport;

/// <summary>How many descriptors, and so sockets, this process may have.</summary>
internal static class DescriptorLimit
{
    private const string LimitsFile = "/proc/self/limits";
    private const string Label = "Max open files";

    /// <returns>The limit; null where the system has or tells none.</returns>
    public static int? Read() => File.Exists(LimitsFile) ? Parse(File.ReadAllLines(LimitsFile)) : null;

    /// <summary>Reads Linux' table of limits.</summary>
    public static int? Parse(IEnumerable<string> lines)
    {
        string? line = lines.FirstOrDefault(line => line.StartsWith(Label, StringComparison.Ordinal));
        string? soft = line?[Label.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return int.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out int limit) ? limit : null;
    }
}
