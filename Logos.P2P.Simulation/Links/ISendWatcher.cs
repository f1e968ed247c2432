namespace Logos.P2P.Simulation.Links;

/// <summary>Sees all that is sent, as one who could read every line.</summary>
internal interface ISendWatcher
{
    /// <summary>A connection has taken bytes for sending.</summary>
    void Sent(SimulatedConnection connection, ReadOnlySpan<byte> bytes);
}
