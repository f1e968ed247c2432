namespace Logos.P2P.Bench.Hop;

/// <summary>Peers of a node that take what they are sent, answer pings, and do nothing else.</summary>
internal static class IdleRole
{
    public static void Run(int port, int count)
    {
        EndConnection[] peers = [.. Enumerable.Range(0, count).Select(_ => EndConnection.DialIdle(port))];
        new Thread(() => EndConnection.ReadAll(peers)) { IsBackground = true }.Start();
        Console.WriteLine("ready");
        Console.ReadLine();
    }
}
