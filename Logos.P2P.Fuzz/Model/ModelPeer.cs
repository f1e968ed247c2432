using Logos.P2P.Fuzz.World;
using Logos.P2P.Wire;

namespace Logos.P2P.Fuzz.Model;

/// <summary>How far a connection is.</summary>
internal enum ModelState
{
    Start,
    Introduced,
    Complete,
    Over,
}

/// <summary>What the node must send next on a connection.</summary>
/// <param name="Command">The command.</param>
/// <param name="Payload">The payload; null for any.</param>
internal readonly record struct Expected(Command Command, byte[]? Payload);

/// <summary>What the model knows of one connection.</summary>
/// <param name="connection">The connection.</param>
/// <param name="isManual">Whether the node dialled it because its operator said so.</param>
internal sealed class ModelPeer(PeerInMemory connection, bool isManual)
{
    public PeerInMemory Connection => connection;

    /// <summary>Whether it is not punished for what leaves the connection usable.</summary>
    public bool IsManual => isManual;

    public ModelState State { get; set; }

    public bool IsComplete => State == ModelState.Complete;

    /// <summary>Whether it has said anything valid.</summary>
    public bool IsStarted => State is ModelState.Introduced or ModelState.Complete;

    public bool WantsAddrV2 { get; set; }

    /// <summary>Whether its protocol version is one without features.</summary>
    public bool IsOld { get; set; }

    /// <summary>Whether it speaks `logos.relay`.</summary>
    public bool IsKeyed { get; set; }

    public bool TakesChunks { get; set; }

    /// <summary>Whether addresses may be told to it.</summary>
    public bool IsOpen { get; set; }

    public bool WasAnswered { get; set; }

    /// <summary>When messages began to flow.</summary>
    public TimeSpan OpenedAt { get; set; }

    public TimeSpan LastHeard { get; set; } = connection.OpenedAt;

    /// <summary>When the node last pinged.</summary>
    public TimeSpan PingedAt { get; set; }

    public ulong? Ping { get; set; }

    /// <summary>When it sent what was damaged.</summary>
    public Queue<TimeSpan> Bad { get; } = new();

    /// <summary>What the node must send, in this order.</summary>
    public Queue<Expected> Expected { get; } = new();

    /// <summary>When it last said that it has a message; see <see cref="Said"/>.</summary>
    public Dictionary<int, TimeSpan> SaidAt { get; } = [];

    /// <summary>The messages that it announced and did not bring: the node may ask it for them.</summary>
    public Dictionary<int, TimeSpan> Announced { get; } = [];

    /// <summary>What was here long ago, and it announced since: the node may ask it or not.</summary>
    public HashSet<int> MayBeAsked { get; } = [];

    /// <summary>When the node asked it for a message.</summary>
    public Dictionary<int, TimeSpan> Asked { get; } = [];

    /// <summary>Until when the node must have told it of a message, by payload or by name.</summary>
    public Dictionary<int, TimeSpan> Owed { get; } = [];

    /// <summary>What the node may tell it or not: nobody can say whether it still knows that the peer has it.</summary>
    public HashSet<int> MayBeTold { get; } = [];

    /// <summary>What it asked for and must be sent.</summary>
    public List<int> Served { get; } = [];

    /// <summary>The messages that the node has announced to it by a short id.</summary>
    public HashSet<int> Offered { get; } = [];

    public void Expect(Command command, byte[]? payload = null) => Expected.Enqueue(new Expected(command, payload));

    /// <summary>It says that it has a message.</summary>
    public void Said(int item, TimeSpan now)
    {
        SaidAt[item] = now;
        Owed.Remove(item);
    }

    public void End()
    {
        State = ModelState.Over;
        Expected.Clear();
        Owed.Clear();
        Served.Clear();
        Announced.Clear();
    }
}
