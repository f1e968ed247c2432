namespace Logos.P2P.Simulation.Nodes;

/// <summary>The upper layer of most scenarios: notes what arrives and has it passed on.</summary>
internal sealed class LoggingLayer(SimulatedNode node, SimulatedNetwork network) : IMessageHandler
{
    public bool IsQuick => true;

    public uint Origin(ReadOnlySpan<byte> message) => network.HasLabels ? MessageLog.LabelOf(message) : 0;

    public bool IsUrgent(ReadOnlySpan<byte> message) => network.Messages.TraitsOf(message).IsUrgent;

    public bool IsImportant(ReadOnlySpan<byte> message) => network.Messages.TraitsOf(message).IsImportant;

    public ulong ImportantKey(ReadOnlySpan<byte> message) => network.Messages.TraitsOf(message).Key;

    public Verdict ReceivePrefix(in ReceivedMessage prefix) => node.Verdict;

    public Verdict Receive(in ReceivedMessage message)
    {
        network.Messages.Deliver(node, message);
        return node.Verdict;
    }
}
