namespace Logos.P2P.Bench.Hop;

/// <summary>A node that relays, as any program would embed it.</summary>
internal static class NodeRole
{
    /// <param name="from">The port of the relay before; null when the source dials.</param>
    public static async Task RunAsync(int? from)
    {
        var options = new P2POptions
        {
            Network = HopFrames.Network,
            Bind = ["127.0.0.1"],
            Port = 0,
            // A source that sends a million messages a second is a flooder otherwise.
            Whitelist = ["relay@127.0.0.1"],
            Connect = [from is { } port ? $"127.0.0.1:{port}" : "0"],
        };
        await using var node = new P2PNode(options, new Upper());
        await node.StartAsync();
        int listening = node.ListeningEndpoints[0].Port;
        Console.WriteLine($"{listening} {listening}");
        while (await Console.In.ReadLineAsync() is { } line)
        {
            // "wait N": until so many peers are connected.
            int peers = int.Parse(line.Split(' ')[1]);
            while (node.ConnectionCount < peers)
                await Task.Delay(1);
            Console.WriteLine("ok");
        }
    }

    private sealed class Upper : IMessageHandler
    {
        public bool IsQuick => true;

        public uint Origin(ReadOnlySpan<byte> message) => 1;

        public Verdict Receive(in ReceivedMessage message) => Verdict.Propagate;
    }
}
