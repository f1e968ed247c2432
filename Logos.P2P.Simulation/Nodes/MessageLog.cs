using System.Buffers.Binary;

namespace Logos.P2P.Simulation.Nodes;

/// <summary>All messages of a run, and the bytes that make each one known again wherever it arrives.</summary>
internal sealed class MessageLog(SimulatedNetwork network)
{
    /// <summary>A number and the origin's label, which every message begins with.</summary>
    public const int HeaderSize = 8;

    /// <summary>Stands in place of the number in messages that are not of the run.</summary>
    private const int Foreign = -1;

    private readonly List<SimulatedMessage> _messages = [];

    /// <summary>In the order in which they were sent.</summary>
    public IReadOnlyList<SimulatedMessage> All => _messages;

    /// <summary>Who originated a message, as every node can read it; 0 for what is too short to say.</summary>
    public static uint LabelOf(ReadOnlySpan<byte> message) => message.Length < HeaderSize
        ? 0
        : BinaryPrimitives.ReadUInt32LittleEndian(message[sizeof(int)..]);

    /// <summary>Writes who originates a message where all nodes read it.</summary>
    public static void WriteLabel(Span<byte> message, SimulatedNode origin) =>
        BinaryPrimitives.WriteUInt32LittleEndian(message[sizeof(int)..], (uint)origin.Index + 1);

    /// <summary>Makes bytes a message that is nobody's: an attacker's.</summary>
    public static void MarkForeign(Span<byte> message) => BinaryPrimitives.WriteInt32LittleEndian(message, Foreign);

    /// <summary>A node sends a new message to all. In an event of the simulation.</summary>
    /// <returns>Null when it has no peer, or does not run.</returns>
    public SimulatedMessage? Send(SimulatedNode origin, int size, MessageTraits traits = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, HeaderSize);
        if (origin.Node is not { } node)
            return null;
        byte[] bytes = new byte[size];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, _messages.Count);
        WriteLabel(bytes, origin);
        network.Random.NextBytes(bytes.AsSpan(HeaderSize));
        SimulatedMessage message = Begin(origin, size, traits);
        return node.Propagate(bytes) ? message : null;
    }

    /// <summary>Follows a message that a scenario makes and sends itself; the scenario says where it has arrived.</summary>
    public SimulatedMessage Begin(SimulatedNode origin, int size, MessageTraits traits = default)
    {
        var message = new SimulatedMessage(_messages.Count, origin.Index, network.Loop.Now, size, network.Nodes.Count, traits);
        message.Arrive(origin.Index, origin.Lives, 0, network.Loop.Now);
        _messages.Add(message);
        return message;
    }

    /// <summary>What a message is to the upper layer.</summary>
    public MessageTraits TraitsOf(ReadOnlySpan<byte> bytes) => Find(bytes)?.Traits ?? default;

    /// <summary>A node's upper layer was given a message.</summary>
    public void Deliver(SimulatedNode node, in ReceivedMessage received)
    {
        if (Find(received.Data) is not { } message)
            return;
        if (message.HasReached(node.Index) && message.LifeAt(node.Index) == node.Lives)
            network.Violate($"Message {message.Number} was delivered to node {node.Index} twice.");
        int hops = SenderOf(node, received.PeerId) is { } sender ? message.HopsTo(sender.Index) + 1 : 0;
        message.Arrive(node.Index, node.Lives, hops, network.Loop.Now);
    }

    private SimulatedMessage? Find(ReadOnlySpan<byte> bytes)
    {
        int number = bytes.Length < HeaderSize ? Foreign : BinaryPrimitives.ReadInt32LittleEndian(bytes);
        return number == Foreign ? null : _messages[number];
    }

    private SimulatedNode? SenderOf(SimulatedNode node, long peerId) =>
        node.Node?.Inside?.Peers.Find(peerId) is { } peer ? network.NodeAt(peer.Endpoint.Address) : null;
}
