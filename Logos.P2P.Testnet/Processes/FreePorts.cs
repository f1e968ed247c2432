using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Logos.P2P.Testnet.Processes;

/// <summary>
/// Ports that stay free until somebody listens on them: below those from which the system takes the near ends of outgoing
/// connections, of which a network makes thousands.
/// </summary>
internal static class FreePorts
{
    private const int Lowest = 10_000;

    /// <summary>Where the system's own range begins when it does not say.</summary>
    private const int DefaultEnd = 32_768;

    /// <exception cref="IOException">There are not so many.</exception>
    public static int[] Find(int count, Random random)
    {
        int end = ReadEnd();
        int start = random.Next(Lowest, end);
        int[] ports = [.. Enumerable.Range(0, end - Lowest)
            .Select(i => Lowest + ((start - Lowest + i) % (end - Lowest)))
            .Where(IsFree)
            .Take(count)];
        return ports.Length == count ? ports : throw new IOException($"There are no {count} free ports below {end}.");
    }

    private static int ReadEnd()
    {
        try
        {
            string range = File.ReadAllText("/proc/sys/net/ipv4/ip_local_port_range");
            int end = int.Parse(range.Split('\t', ' ')[0], CultureInfo.InvariantCulture);
            return end > Lowest ? end : DefaultEnd;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return DefaultEnd;
        }
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
