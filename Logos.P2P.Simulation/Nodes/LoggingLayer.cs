namespace Logos.P2P.Simulation.Nodes;

/// <summary>The upper layer of most scenarios: notes what arrives and has it passed on.</summary>
internal sealed class LoggingLayer(SimulatedNode node, SimulatedNetwork network) : IMessageHandler
{
    public bool IsQuick => true;

    public uint Origin(ReadOnlySpan<byte> message) => network.HasLabels ? MessageLog.LabelOf(message) : 0;

    public Verdict Receive(in ReceivedMessage message)
    {
        network.Messages.Deliver(node, message);
        return node.Verdict;
    }
}
