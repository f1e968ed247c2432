using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Node.Logs;

/// <summary>The log of the program: what of the events is written, in which form, and where to.</summary>
internal sealed class ProgramLog : ILoggerProvider
{
    /// <summary>The web server has a line for whatever strangers send it.</summary>
    private const string FrameworkPrefix = "Microsoft";

    private readonly LogSettings _settings;
    private readonly TimeProvider _timeProvider;
    private readonly LogLimit<(string Source, EventId Id)>? _limit;
    private readonly LogWriter _writer;

    /// <param name="settings">How.</param>
    /// <param name="console">Standard error.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public ProgramLog(LogSettings settings, Stream console, TimeProvider timeProvider)
    {
        _settings = settings;
        _timeProvider = timeProvider;
        _limit = settings.IsLimited ? new LogLimit<(string, EventId)>(timeProvider) : null;
        RotatingFile? file = settings.File is null ? null : new RotatingFile(settings.File, settings.FileSize);
        _writer = new LogWriter(settings.ToConsole ? console : null, file, text => Format(Notice(text)));
    }

    /// <summary>Makes loggers. Standard output carries messages only; logs go to standard error.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static ILoggerFactory CreateFactory(LogSettings settings)
    {
        var log = new ProgramLog(settings, Console.OpenStandardError(), TimeProvider.System);
        return LoggerFactory.Create(builder => builder.SetMinimumLevel(LogLevel.Debug).AddProvider(log));
    }

    /// <summary>Makes the logger of somebody.</summary>
    public ILogger CreateLogger(string categoryName) => new SourceLogger(this, categoryName);

    /// <summary>Writes what waits, and ends.</summary>
    public void Dispose() => _writer.Dispose();

    private bool IsEnabled(string source, LogLevel level) => level switch
    {
        LogLevel.None => false,
        >= LogLevel.Warning => true,
        _ when source.StartsWith(FrameworkPrefix, StringComparison.Ordinal) => false,
        LogLevel.Information => true,
        _ => _settings.Categories.HasAny,
    };

    private void Log(LogEntry entry)
    {
        if (entry.Level < LogLevel.Information && !_settings.Categories.IsDebugged(entry.Id))
            return;
        byte[] line = Format(entry);
        long missed = 0;
        LogDecision decision = _limit?.Judge((entry.Source, entry.Id), line.Length, out missed) ?? LogDecision.Write;
        if (missed > 0)
        {
            Write(Notice(string.Create(
                CultureInfo.InvariantCulture, $"{missed} lines of the kind that follows were left out in an hour that is over")));
        }

        if (decision != LogDecision.LeaveOut)
            _writer.Write(line);
        if (decision == LogDecision.WriteLast)
        {
            Write(Notice("More than 1 MiB of the kind above within an hour: the rest of it is left out (-logratelimit=0 keeps it)"));
        }
    }

    private void Write(LogEntry entry) => _writer.Write(Format(entry));

    private byte[] Format(LogEntry entry) => _settings.IsJson ? LogFormat.Json(entry) : LogFormat.Readable(entry);

    private LogEntry Notice(string text) => new(
        _timeProvider.GetUtcNow(), LogLevel.Warning, "Logos.P2P.Log", new EventId(110, "Log"), text, [], null);

    private sealed class SourceLogger(ProgramLog log, string source) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => log.IsEnabled(source, logLevel);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
                return;
            log.Log(new LogEntry(
                log._timeProvider.GetUtcNow(), logLevel, source, eventId, formatter(state, exception),
                state as IReadOnlyList<KeyValuePair<string, object?>> ?? [], exception));
        }
    }
}
