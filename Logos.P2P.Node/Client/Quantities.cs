using System.Globalization;

namespace Logos.P2P.Node.Client;

/// <summary>Numbers as people read them.</summary>
internal static class Quantities
{
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB"];

    /// <summary>Bytes, in the unit of 1,000 that leaves at most four digits.</summary>
    public static string Bytes(double bytes)
    {
        int unit = 0;
        while (bytes >= 9999.5 && unit < Units.Length - 1)
        {
            bytes /= 1000;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{bytes:0} {Units[unit]}");
    }

    /// <summary>A time from seconds to days, in its two largest units.</summary>
    public static string Time(long seconds)
    {
        var time = TimeSpan.FromSeconds(seconds);
        FormattableString text = time switch
        {
            { TotalMinutes: < 1 } => $"{time.Seconds}s",
            { TotalHours: < 1 } => $"{time.Minutes}m {time.Seconds}s",
            { TotalDays: < 1 } => $"{time.Hours}h {time.Minutes}m",
            _ => $"{(int)time.TotalDays}d {time.Hours}h",
        };
        return FormattableString.Invariant(text);
    }

    /// <summary>A round trip in milliseconds; nothing when it is not known.</summary>
    public static string Milliseconds(double? seconds) =>
        seconds is { } known ? string.Create(CultureInfo.InvariantCulture, $"{known * 1000:0.0}") : "";

    /// <summary>A number with its thousands marked.</summary>
    public static string Count(double number) => number.ToString("#,0", CultureInfo.InvariantCulture);
}
