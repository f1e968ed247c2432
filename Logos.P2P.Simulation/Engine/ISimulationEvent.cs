namespace Logos.P2P.Simulation.Engine;

/// <summary>Something that happens at a moment of virtual time.</summary>
internal interface ISimulationEvent
{
    void Happen();
}
