using System.Globalization;
using System.Text;

namespace Logos.P2P.Node;

/// <summary>A message as one line of text. Strangers write messages, so nothing in one may steer a terminal.</summary>
internal static class LineText
{
    public static string FromMessage(ReadOnlySpan<byte> message) => Escape(Encoding.UTF8.GetString(message));

    /// <summary>Text as one line.</summary>
    public static string Escape(string text)
    {
        if (!text.Any(IsSteering))
            return text;

        var safe = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            if (IsSteering(c))
                safe.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                safe.Append(c);
        }

        return safe.ToString();
    }

    /// <summary>Control characters; what some readers take for the end of a line; what makes text run backwards.</summary>
    private static bool IsSteering(char c) =>
        char.IsControl(c) || c is '\u2028' or '\u2029' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}
