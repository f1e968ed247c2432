using Microsoft.Extensions.Logging;

namespace Logos.P2P.Simulation.Nodes;

/// <summary>A node's log: an error in it is a fault of the program, since nothing else in a simulated world can fail.</summary>
internal sealed class FaultLog(SimulatedNetwork network, int node) : ILoggerFactory, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
            network.Violate($"Node {node} logged: {formatter(state, exception)} {exception}");
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
        // There is nothing to give back.
    }
}
