using System.Globalization;
using System.Text;

namespace Logos.P2P.Node;

/// <summary>A message as one line of text. Strangers write messages, so nothing in one may steer a terminal.</summary>
internal static class LineText
{
    public static string FromMessage(ReadOnlySpan<byte> message)
    {
        string text = Encoding.UTF8.GetString(message);
        if (!text.Any(char.IsControl))
            return text;

        var safe = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            if (char.IsControl(c))
                safe.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                safe.Append(c);
        }

        return safe.ToString();
    }
}
