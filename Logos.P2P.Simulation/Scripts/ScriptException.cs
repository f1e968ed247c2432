namespace Logos.P2P.Simulation.Scripts;

/// <summary>A script cannot be played.</summary>
/// <param name="line">The line that says what cannot be done; the first is 1.</param>
/// <param name="problem">What is wrong with it.</param>
public sealed class ScriptException(int line, string problem) : Exception($"line {line}: {problem}")
{
    /// <summary>The line; the first is 1.</summary>
    public int Line { get; } = line;
}
