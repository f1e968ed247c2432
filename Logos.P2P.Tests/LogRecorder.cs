using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Tests;

/// <summary>Keeps what is logged.</summary>
internal sealed class LogRecorder : ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    /// <summary>The messages, in order.</summary>
    public IReadOnlyList<string> Lines => [.. _lines];

    /// <summary>Makes loggers that all write here.</summary>
    public ILoggerFactory Factory => new RecorderFactory(this);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue(formatter(state, exception));

    private sealed class RecorderFactory(LogRecorder recorder) : ILoggerFactory
    {
        public ILogger CreateLogger(string categoryName) => recorder;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
