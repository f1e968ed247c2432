namespace Logos.P2P.Bench.Report;

/// <summary>The part of a page that is written by a program: between two lines that nobody sees who reads the page.</summary>
internal static class MeasuredPart
{
    private const string Begin = "<!-- measured: written by eng/performance -->";
    private const string End = "<!-- end of measured -->";

    /// <summary>Puts another text there.</summary>
    /// <exception cref="InvalidDataException">The page has no such part.</exception>
    public static string Replace(string page, string measured)
    {
        int begin = page.IndexOf(Begin, StringComparison.Ordinal), end = page.IndexOf(End, StringComparison.Ordinal);
        if (begin < 0 || end < begin)
            throw new InvalidDataException($"The page has no part between '{Begin}' and '{End}'.");
        return $"{page[..(begin + Begin.Length)]}\n{measured.Trim()}\n{page[end..]}";
    }
}
