using Logos.P2P.Wire;

namespace Logos.P2P.Simulation.Attackers;

/// <summary>
/// What an attacker does on his connections once he has been let in. This one answers pings, takes what it is sent, and
/// keeps it to itself.
/// </summary>
internal class Conduct
{
    /// <summary>Bytes a second that are read; 0 for a connection that is never read from again after the handshake.</summary>
    public virtual int ReadRate => int.MaxValue;

    /// <summary>Under which key messages are to be named to it, if it claims to relay as nodes do; else null.</summary>
    public virtual ShortIdKey? RelayKey => null;

    /// <summary>The handshake is complete.</summary>
    public virtual void Ready(RawPeer peer)
    {
    }

    /// <summary>A frame has come. Pings are answered already.</summary>
    public virtual void Receive(RawPeer peer, Frame frame)
    {
    }
}
