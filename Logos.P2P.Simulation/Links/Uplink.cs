using Logos.P2P.Simulation.Engine;

namespace Logos.P2P.Simulation.Links;

/// <summary>
/// A host's way out, of limited speed. Connections take turns, and one that had nothing to send goes first when it has:
/// fair queueing as Linux does it by default (fq_codel, RFC 8290), so that a ping does not wait behind a megabyte that goes
/// to somebody else.
/// </summary>
/// <param name="loop">The simulation.</param>
/// <param name="bytesPerSecond">Its speed.</param>
internal sealed class Uplink(SimulationLoop loop, double bytesPerSecond) : ISimulationEvent
{
    /// <summary>
    /// Bytes of one turn. A real one is a packet of 1,500; this is larger for fewer events, at the price of up to 1.6 ms at
    /// 20 Mbit/s for whoever comes while another has his turn.
    /// </summary>
    public const int Quantum = 4096;

    private readonly Queue<SimulatedConnection> _fresh = new();
    private readonly Queue<SimulatedConnection> _busy = new();
    private TimeSpan _freeAt;
    private bool _hasNextTurn;

    /// <summary>Bytes it has sent.</summary>
    public long BytesSent { get; private set; }

    /// <summary>A connection that had nothing to send has something now.</summary>
    public void Add(SimulatedConnection connection)
    {
        _fresh.Enqueue(connection);
        if (_hasNextTurn)
            return;
        if (_freeAt > loop.Now)
            PlanNext();
        else
            SendNext();
    }

    /// <summary>A turn is over, and somebody waits for the next.</summary>
    public void Happen()
    {
        _hasNextTurn = false;
        SendNext();
    }

    private void SendNext()
    {
        if (!_fresh.TryDequeue(out SimulatedConnection? connection) && !_busy.TryDequeue(out connection))
            return;
        TimeSpan free = loop.Now;
        int sent = 0;
        while (sent < Quantum && connection.TryTake(out Segment? segment))
        {
            sent += segment.Length;
            free += TimeSpan.FromSeconds(segment.Length / bytesPerSecond);
            connection.Depart(segment, free);
        }

        BytesSent += sent;
        if (connection.IsWaitingToSend)
            _busy.Enqueue(connection);
        else
            connection.IsQueued = false;
        _freeAt = free;
        if (_fresh.Count + _busy.Count > 0)
            PlanNext();
    }

    private void PlanNext()
    {
        _hasNextTurn = true;
        loop.At(_freeAt, this);
    }
}
