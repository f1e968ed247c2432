using Logos.P2P.Wire;

namespace Logos.P2P.Fuzz.World;

/// <summary>
/// An upper layer that is told by each message itself what to make of it: by its last byte. So whoever makes messages decides,
/// and the same bytes get the same answer everywhere.
/// </summary>
internal sealed class ScriptedLayer : IMessageHandler
{
    private const byte ConsumeByte = 0xC0, RejectByte = 0xB0;

    /// <summary>The messages that it was given, in their order. `direct` ones are among them.</summary>
    public List<MessageId> Received { get; } = [];

    public bool IsQuick => true;

    /// <summary>What it makes of a message.</summary>
    public static Verdict VerdictOn(ReadOnlySpan<byte> message) => message.IsEmpty ? Verdict.Propagate : message[^1] switch
    {
        ConsumeByte => Verdict.Consume,
        RejectByte => Verdict.Reject,
        _ => Verdict.Propagate,
    };

    public Verdict Receive(in ReceivedMessage message)
    {
        Received.Add(message.Id);
        return VerdictOn(message.Data);
    }

    public Verdict ReceivePrefix(in ReceivedMessage prefix) => prefix.Data.IsEmpty ? Verdict.Consume : VerdictOn(prefix.Data[..1]);

    public void ReceiveDirect(in ReceivedMessage message) => Received.Add(message.Id);

    public uint Origin(ReadOnlySpan<byte> message) => message.IsEmpty ? 0u : message[0];

    public bool IsImportant(ReadOnlySpan<byte> message) => message.Length > 1 && message[1] == 1;

    public bool IsUrgent(ReadOnlySpan<byte> message) => message.Length > 1 && message[1] == 2;
}
