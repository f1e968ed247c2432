using System.Buffers.Binary;
using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;

namespace Logos.P2P.Bench.Hop;

/// <summary>
/// A node that sends messages of its own to a peer, which is a socket of the same process: how long it takes from the call of
/// <see cref="P2PNode.Propagate(ReadOnlySpan{byte})"/> until the kernel has the message.
/// </summary>
/// <remarks>
/// What is measured is when the whole message can be read at the other end of the connection, as the kernel says who is asked by the
/// thread that made the call. That is somewhat later than the first byte was given to it, never earlier, and includes all that the
/// call does besides. Lines it takes: <c>run COUNT SIZE RATE</c>, answered with the ticks of each message.
/// </remarks>
internal static class PropagateRole
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static async Task RunAsync()
    {
        await using P2PNode node = NodeRole.Create(null, NullLoggerFactory.Instance);
        await node.StartAsync();
        using EndConnection peer = EndConnection.Dial(node.ListeningEndpoints[0].Port, isNode: true, _ => { });
        await NodeRole.WaitForPeersAsync(node, 1);
        Console.WriteLine("ready");
        long number = 0;
        while (Console.ReadLine() is { } line)
        {
            int[] numbers = [.. line.Split(' ')[1..].Select(int.Parse)];
            long[] times = new long[numbers[0]];
            byte[] message = new byte[numbers[1]];
            for (int i = 0; i < times.Length; i++)
            {
                Thread.Sleep(1000 / numbers[2]);
                BinaryPrimitives.WriteInt64LittleEndian(message, number++);
                times[i] = Measure(node, peer, message);
            }

            Console.WriteLine(string.Join(' ', times));
        }
    }

    private static long Measure(P2PNode node, EndConnection peer, byte[] message)
    {
        // A ping may have come.
        while (peer.Socket.Available > 0)
            peer.Read();
        long start = Stopwatch.GetTimestamp();
        node.Propagate(message);
        while (peer.Socket.Available < message.Length)
        {
            if (Stopwatch.GetElapsedTime(start) > Patience)
                throw new TimeoutException("A message of our own does not leave.");
        }

        return Stopwatch.GetTimestamp() - start;
    }
}
