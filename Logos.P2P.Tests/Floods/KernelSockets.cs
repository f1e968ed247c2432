using System.Globalization;

namespace Logos.P2P.Tests.Floods;

/// <summary>The sockets of this machine as the kernel counts them, those that were not accepted yet included.</summary>
internal static class KernelSockets
{
    private const string Established = "01";

    /// <summary>Connections that are established at a port of ours.</summary>
    public static int CountEstablished(int port)
    {
        string local = ":" + port.ToString("X4", CultureInfo.InvariantCulture);
        return new[] { "/proc/net/tcp", "/proc/net/tcp6" }
            .SelectMany(File.ReadLines)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Count(fields => fields[1].EndsWith(local, StringComparison.Ordinal) && fields[3] == Established);
    }
}
