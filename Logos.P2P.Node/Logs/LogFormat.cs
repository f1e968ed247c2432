using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Node.Logs;

/// <summary>
/// An event as a line, for people or for programs. Strangers choose some of the words, so nothing in one may begin another line or
/// steer a terminal.
/// </summary>
internal static class LogFormat
{
    private const string TimeFormat = "yyyy-MM-ddTHH:mm:ss.fffZ", OriginalFormat = "{OriginalFormat}";

    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// As Bitcoin Core writes it: the time, in brackets the category and how bad it is if that is worth a word, and what happened.
    /// </summary>
    public static byte[] Readable(LogEntry entry)
    {
        StringBuilder line = new StringBuilder(entry.Time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture)).Append(' ');
        string[] tags = [.. Tags(entry)];
        if (tags.Length > 0)
            line.Append('[').AppendJoin(':', tags).Append("] ");
        line.Append(LineText.Escape(entry.Message));
        if (entry.Exception is not null)
            line.Append(" | ").Append(LineText.Escape(entry.Exception.ToString().ReplaceLineEndings(" | ")));
        return Encoding.UTF8.GetBytes(line.Append('\n').ToString());
    }

    /// <summary>As an object of JSON.</summary>
    public static byte[] Json(LogEntry entry)
    {
        var line = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(line, Writing))
        {
            json.WriteStartObject();
            json.WriteString("time", entry.Time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture));
            json.WriteString("level", NameOf(entry.Level));
            json.WriteString("category", LogCategories.Of(entry.Id) ?? "node");
            json.WriteNumber("id", entry.Id.Id);
            json.WriteString("event", entry.Id.Name);
            json.WriteString("source", entry.Source);
            json.WriteString("message", entry.Message);
            json.WriteStartObject("fields");
            foreach ((string name, object? value) in entry.Fields)
            {
                if (name != OriginalFormat)
                    WriteField(json, name, value);
            }

            json.WriteEndObject();
            if (entry.Exception is not null)
                json.WriteString("exception", entry.Exception.ToString());
            json.WriteEndObject();
        }

        line.Write("\n"u8);
        return line.WrittenSpan.ToArray();
    }

    private static IEnumerable<string> Tags(LogEntry entry)
    {
        if (LogCategories.Of(entry.Id) is { } category)
            yield return category;
        if (entry.Level != LogLevel.Information)
            yield return NameOf(entry.Level);
    }

    private static void WriteField(Utf8JsonWriter json, string name, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNull(name);
                break;
            case int or long:
                json.WriteNumber(name, Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case bool isSet:
                json.WriteBoolean(name, isSet);
                break;
            default:
                json.WriteString(name, Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }

    private static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warning",
        _ => "error",
    };
}
