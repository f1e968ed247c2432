using Logos.P2P.Simulation.Engine;

namespace Logos.P2P.Simulation.Links;

/// <summary>Bytes on their way on a connection; with none, the news that no more follow.</summary>
internal sealed class Segment(SegmentPool pool, byte[] buffer) : ISimulationEvent
{
    private SimulatedConnection? _receiver;

    public int Capacity => buffer.Length;

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Bytes => buffer.AsSpan(0, Length);

    /// <summary>Puts bytes into it that are on their way to somebody.</summary>
    public void Fill(SimulatedConnection receiver, ReadOnlySpan<byte> bytes)
    {
        _receiver = receiver;
        Length = bytes.Length;
        bytes.CopyTo(buffer);
    }

    /// <summary>It arrives.</summary>
    public void Happen() => _receiver!.Arrive(this);

    /// <summary>Gives it back to the pool.</summary>
    public void Release()
    {
        _receiver = null;
        pool.Return(this);
    }
}
