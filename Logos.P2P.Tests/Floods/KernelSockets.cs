using System.Globalization;

namespace Logos.P2P.Tests.Floods;

/// <summary>The sockets of this machine as the kernel counts them, those that were not accepted yet included.</summary>
internal static class KernelSockets
{
    private const string IsEstablished = "01";

    /// <summary>
    /// The other ends of connections that are established at a port of ours. The kernel's table is not of one moment: one that ends and
    /// one that takes its place while it is read may both be in it.
    /// </summary>
    public static HashSet<string> Established(int port)
    {
        string local = ":" + port.ToString("X4", CultureInfo.InvariantCulture);
        return new[] { "/proc/net/tcp", "/proc/net/tcp6" }
            .SelectMany(File.ReadLines)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields[1].EndsWith(local, StringComparison.Ordinal) && fields[3] == IsEstablished)
            .Select(fields => fields[2])
            .ToHashSet();
    }
}
