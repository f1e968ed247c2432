namespace Logos.P2P.Simulation;

/// <summary>A simulated world did not do what it must, or what was asked of it makes no sense.</summary>
public sealed class SimulationException : Exception
{
    /// <summary>For serialisers.</summary>
    public SimulationException()
    {
    }

    /// <param name="message">What is wrong.</param>
    public SimulationException(string message)
        : base(message)
    {
    }

    /// <param name="message">What is wrong.</param>
    /// <param name="innerException">Why.</param>
    public SimulationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
