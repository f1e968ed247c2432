using Microsoft.Extensions.Logging;

namespace Logos.P2P.Node.Logs;

/// <summary>An event to log.</summary>
/// <param name="Time">When it was.</param>
/// <param name="Level">How bad it is.</param>
/// <param name="Source">Who logs: the name of the logger.</param>
/// <param name="Id">Which kind it is of.</param>
/// <param name="Message">What happened, for people.</param>
/// <param name="Fields">What happened, for programs: what the message was made of.</param>
/// <param name="Exception">What was thrown, if anything was.</param>
internal sealed record LogEntry(
    DateTimeOffset Time,
    LogLevel Level,
    string Source,
    EventId Id,
    string Message,
    IReadOnlyList<KeyValuePair<string, object?>> Fields,
    Exception? Exception);
