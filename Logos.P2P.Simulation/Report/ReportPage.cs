using System.Globalization;
using System.Text;

namespace Logos.P2P.Simulation.Report;

/// <summary>A page of a report, in Markdown.</summary>
internal sealed class ReportPage
{
    private readonly StringBuilder _text = new();

    /// <summary>A whole number.</summary>
    public static string N(double value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    public static string F(double value) => value.ToString("#,0.0", CultureInfo.InvariantCulture);

    public static string F2(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    /// <summary>A part, in hundredths.</summary>
    public static string P(double value) => value.ToString("0.#%", CultureInfo.InvariantCulture);

    public void Say(params ReadOnlySpan<string> lines)
    {
        foreach (string line in lines)
            _text.Append(line).Append('\n');
    }

    public void Table<T>(string[] columns, IEnumerable<T> rows, Func<T, string[]> cells)
    {
        Say($"| {string.Join(" | ", columns)} |");
        Say($"|{string.Concat(Enumerable.Repeat("---:|", columns.Length))}");
        foreach (T row in rows)
            Say($"| {string.Join(" | ", cells(row))} |");
    }

    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Write(string path) => File.WriteAllText(path, _text.ToString());
}
