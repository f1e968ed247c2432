using System.Net;

namespace Logos.P2P.Testnet.Proxy;

/// <summary>
/// The loopback address from which the proxy dials for a node, so that the dialled one can tell by whom: all of 127.0.0.0/8
/// is this machine.
/// </summary>
internal static class NodeAddress
{
    /// <summary>Nodes have 127.64.0.1 and up.</summary>
    private const int First = (127 << 24) | (64 << 16) | 1;

    public static IPAddress Of(int node)
    {
        int address = First + node;
        return new IPAddress([(byte)(address >> 24), (byte)(address >> 16), (byte)(address >> 8), (byte)address]);
    }

    /// <summary>The node whose address it is; null when it is no node's.</summary>
    public static int? NodeAt(IPAddress address)
    {
        byte[] bytes = address.GetAddressBytes();
        if (bytes.Length != 4)
            return null;
        int node = ((bytes[0] << 24) | (bytes[1] << 16) | (bytes[2] << 8) | bytes[3]) - First;
        return node is >= 0 and < 1 << 16 ? node : null;
    }
}
