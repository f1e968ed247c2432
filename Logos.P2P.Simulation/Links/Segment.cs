using System.Buffers;
using Logos.P2P.Simulation.Engine;

namespace Logos.P2P.Simulation.Links;

/// <summary>Bytes on their way on a connection; with none, the news that no more follow.</summary>
internal sealed class Segment : ISimulationEvent
{
    private readonly SimulatedConnection _receiver;
    private readonly byte[] _buffer;

    public Segment(SimulatedConnection receiver, ReadOnlySpan<byte> bytes)
    {
        _receiver = receiver;
        Length = bytes.Length;
        _buffer = ArrayPool<byte>.Shared.Rent(Length);
        bytes.CopyTo(_buffer);
    }

    public int Length { get; }

    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, Length);

    /// <summary>It arrives.</summary>
    public void Happen() => _receiver.Arrive(this);

    /// <summary>Gives its memory back.</summary>
    public void Release() => ArrayPool<byte>.Shared.Return(_buffer);
}
