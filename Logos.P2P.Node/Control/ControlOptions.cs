using System.Net;
using Logos.P2P.Node.Configuration;
using Logos.P2P.Wire;

namespace Logos.P2P.Node.Control;

/// <summary>What was said of the options of the control interface, as it takes it.</summary>
internal static class ControlOptions
{
    /// <summary>The port on which a network's node takes requests unless told otherwise: 100 below that of its peers.</summary>
    public static ushort DefaultPort(P2PNetwork network) => (ushort)(network.DefaultPort() - 100);

    /// <summary>What was asked for.</summary>
    /// <exception cref="OptionException">An address or a subnet is none.</exception>
    public static ControlSettings Read(OptionValues values, P2PNetwork network)
    {
        int port = (int?)values.Number(OptionTable.RpcPort) ?? DefaultPort(network);
        IPEndPoint[] binds = ReadEndpoints(values, OptionTable.RpcBind, port);
        if (binds.Length == 0)
            binds = [new IPEndPoint(IPAddress.Loopback, port)];
        return new ControlSettings
        {
            Endpoints = values.Switch(OptionTable.Server) ?? true ? [.. binds] : [],
            IsNamed = values.Has(OptionTable.RpcPort) || values.Has(OptionTable.RpcBind),
            HealthEndpoints = [.. ReadEndpoints(values, OptionTable.HealthBind, 0)],
            Allowed = [.. values.List(OptionTable.RpcAllowIP).Select(ReadSubnet)],
            User = values.Text(OptionTable.RpcUser) ?? "",
            Password = values.Text(OptionTable.RpcPassword) ?? "",
        };
    }

    private static IPEndPoint[] ReadEndpoints(OptionValues values, NodeOption option, int defaultPort) =>
        [.. values.List(option).Select(value => ReadEndpoint(value, defaultPort))];

    private static IPEndPoint ReadEndpoint(OptionValue value, int defaultPort)
    {
        if (!NetEndpoint.TryParse(value.Text, 0, out NetEndpoint endpoint)
            || !(endpoint.Address.IsIP || endpoint.Address == NetAddress.None))
        {
            throw value.Error("is no address of a machine; write 127.0.0.1:8080 or [::1]:8080.");
        }

        // None stands for all IPv6 addresses.
        IPAddress address = endpoint.Address == NetAddress.None ? IPAddress.IPv6Any : endpoint.Address.ToIPAddress();
        return new IPEndPoint(address, endpoint.Port == 0 ? defaultPort : endpoint.Port);
    }

    private static Subnet ReadSubnet(OptionValue value) => Subnet.TryParse(value.Text, out Subnet subnet)
        ? subnet
        : throw value.Error("is not an address or subnet; write 192.0.2.7 or 192.0.2.0/24.");
}
