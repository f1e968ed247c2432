using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Logos.P2P.Native;

/// <summary>The host's log.</summary>
/// <param name="host">Its functions.</param>
/// <param name="level">The least level that it wants.</param>
/// <param name="gate">What they are called through.</param>
internal sealed unsafe class HostLog(NativeHost host, LogLevel level, CallGate gate) : ILoggerFactory, ILogger
{
    public ILogger CreateLogger(string categoryName) => host.Log is null ? NullLogger.Instance : this;

    public void AddProvider(ILoggerProvider provider) =>
        throw new NotSupportedException("The host is the only place where log messages go.");

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= level;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
            return;
        string text = formatter(state, exception);
        Write(logLevel, exception is null ? text : $"{text}: {exception.Message}");
    }

    public void Dispose()
    {
        // Nothing is held.
    }

    /// <summary>Writes a line.</summary>
    public void Write(LogLevel logLevel, string line)
    {
        if (host.Log is null || !gate.TryEnter())
            return;
        fixed (byte* text = Text.Bytes(line))
            host.Log(host.Context, (int)logLevel, text);
        gate.Leave();
    }
}
