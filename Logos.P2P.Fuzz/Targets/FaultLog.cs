using Logos.P2P.Fuzz.Engine;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Fuzz.Targets;

/// <summary>A log in which an error is a failure: in memory nothing but the program can go wrong.</summary>
internal sealed class FaultLog : ILoggerFactory, ILogger
{
    private string? _fault;

    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    /// <summary>Fails if there was an error since the last call.</summary>
    public void RequireNone()
    {
        string? fault = _fault;
        _fault = null;
        if (fault is not null)
            throw new FuzzFailureException(fault);
    }

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
            _fault ??= $"It was logged: {formatter(state, exception)} {exception}";
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
        // There is nothing to give back.
    }
}
