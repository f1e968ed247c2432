using System.Buffers;
using System.Globalization;

namespace Logos.P2P.Simulation.Scripts;

/// <summary>How long something takes, as people write it: <c>20ms</c>, <c>0.5s</c>, <c>2m</c>.</summary>
public static class Duration
{
    /// <summary>More is a slip of the pen.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    /// <summary>Reads a duration of at most a day.</summary>
    /// <returns>False when it is none.</returns>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        ArgumentNullException.ThrowIfNull(text);
        int digits = text.AsSpan().IndexOfAnyExcept(NumberCharacters);
        double unit = digits < 0 ? double.NaN : text[digits..] switch
        {
            "us" => 1e-6,
            "ms" => 1e-3,
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            _ => double.NaN,
        };
        duration = default;
        if (!double.TryParse(
            text.AsSpan(0, Math.Max(digits, 0)), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number)
            || !(number * unit <= Longest.TotalSeconds))
            return false;
        duration = TimeSpan.FromSeconds(number * unit);
        return true;
    }
}
