namespace Logos.P2P.Node;

/// <summary>An upper layer that accepts every message and prints it as a line.</summary>
internal sealed class PrintingHandler(Messages messages) : IMessageHandler
{
    private readonly Lock _gate = new();

    public Verdict ReceivePrefix(in ReceivedMessage prefix) => Verdict.Propagate;

    public Verdict Receive(in ReceivedMessage message)
    {
        // First, for printing may wait for whoever reads.
        messages.NoteReceived(message, Verdict.Propagate);
        string line = LineText.FromMessage(message.Data);
        lock (_gate)
            Console.Out.WriteLine(line);
        return Verdict.Propagate;
    }
}
