using System.Globalization;

namespace Logos.P2P.Bench;

/// <summary>Rows and columns of text.</summary>
/// <param name="Head">The names of the columns.</param>
/// <param name="Rows">The rows, each with as many cells.</param>
internal sealed record Table(IReadOnlyList<string> Head, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    private const string Nothing = "-";

    /// <summary>As people read it in a terminal.</summary>
    public string ToText()
    {
        IReadOnlyList<string>[] all = [Head, .. Rows];
        int[] widths = [.. Head.Select((_, column) => all.Max(row => row[column].Length))];
        return string.Join('\n', all.Select(row => string.Join("  ", row.Select((cell, column) => cell.PadLeft(widths[column])))));
    }

    /// <summary>As Markdown; the first column is to the left, numbers to the right.</summary>
    public string ToMarkdown()
    {
        IEnumerable<string> lines = Rows.Prepend([.. Head.Select((_, column) => column == 0 ? "---" : "---:")]).Prepend(Head)
            .Select(row => $"| {string.Join(" | ", row)} |");
        return string.Join('\n', lines);
    }

    /// <summary>A number without decimals.</summary>
    public static string Whole(double? value) => value?.ToString("#,0", CultureInfo.InvariantCulture) ?? Nothing;

    /// <summary>A number with one decimal.</summary>
    public static string Tenths(double? value) => value?.ToString("#,0.0", CultureInfo.InvariantCulture) ?? Nothing;

    /// <summary>A number with two decimals.</summary>
    public static string Hundredths(double? value) => value?.ToString("#,0.00", CultureInfo.InvariantCulture) ?? Nothing;

    /// <summary>A part of one as a percentage.</summary>
    public static string Percent(double? part) => part is null ? Nothing : $"{Whole(100 * part)} %";
}
