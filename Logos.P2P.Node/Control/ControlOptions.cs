using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using Logos.P2P.Wire;

namespace Logos.P2P.Node.Control;

/// <summary>The options of the control interface, with Bitcoin's names where it has them.</summary>
internal sealed class ControlOptions
{
    private readonly Option<bool> _server = new("-server", "--server")
    {
        Description = "Take JSON-RPC requests. Default: 1.",
        DefaultValueFactory = _ => true,
    };

    private readonly Option<int?> _port = new("-rpcport", "--rpcport")
    {
        Description = "Take requests on this port; 0: one that is free. Default: 14395, testnet 14396, regtest 14397.",
        HelpName = "number",
        CustomParser = argument => WholeNumber.Parse(argument, "-rpcport", 0, 65535),
    };

    private readonly Option<NetEndpoint[]> _bind = Endpoints(
        "rpcbind", "Take requests on this address. Default: 127.0.0.1. Others need -rpcpassword and -rpcallowip.", "address[:port]");

    private readonly Option<Subnet[]> _allow = new("-rpcallowip", "--rpcallowip")
    {
        Description = "Take requests from these hosts, besides this machine. May be given several times.",
        HelpName = "subnet",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = ParseSubnets,
    };

    private readonly Option<string?> _user = new("-rpcuser", "--rpcuser")
    {
        Description = "The name that goes with -rpcpassword.",
        HelpName = "name",
    };

    private readonly Option<string?> _password = new("-rpcpassword", "--rpcpassword")
    {
        Description = "Who asks must know this. Default: what is in the file .cookie in the network's data directory.",
        HelpName = "password",
    };

    private readonly Option<NetEndpoint[]> _healthBind = Endpoints(
        "healthbind", "Tell anybody who asks on this address whether the node is alive and ready, and nothing else.", "address:port");

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All => [_server, _port, _bind, _allow, _user, _password, _healthBind];

    /// <summary>The port on which a network's node takes requests unless told otherwise: 100 below that of its peers.</summary>
    public static ushort DefaultPort(P2PNetwork network) => (ushort)(network.DefaultPort() - 100);

    /// <summary>What was asked for.</summary>
    public ControlSettings Read(ParseResult result, P2PNetwork network)
    {
        int port = result.GetValue(_port) ?? DefaultPort(network);
        NetEndpoint[] binds = result.GetValue(_bind) ?? [];
        IPEndPoint[] endpoints = binds.Length == 0
            ? [new IPEndPoint(IPAddress.Loopback, port)]
            : [.. binds.Select(bind => ToIPEndPoint(bind, port))];
        return new ControlSettings
        {
            Endpoints = result.GetValue(_server) ? [.. endpoints] : [],
            IsNamed = result.GetValue(_port) is not null || binds.Length > 0,
            HealthEndpoints = [.. (result.GetValue(_healthBind) ?? []).Select(bind => ToIPEndPoint(bind, 0))],
            Allowed = [.. result.GetValue(_allow) ?? []],
            User = result.GetValue(_user) ?? "",
            Password = result.GetValue(_password) ?? "",
        };
    }

    private static IPEndPoint ToIPEndPoint(NetEndpoint endpoint, int defaultPort) => new(
        // None stands for all IPv6 addresses.
        endpoint.Address == NetAddress.None ? IPAddress.IPv6Any : endpoint.Address.ToIPAddress(),
        endpoint.Port == 0 ? defaultPort : endpoint.Port);

    private static Option<NetEndpoint[]> Endpoints(string name, string description, string value) => new($"-{name}", $"--{name}")
    {
        Description = description + " May be given several times.",
        HelpName = value,
        Arity = ArgumentArity.OneOrMore,
        CustomParser = argument => ParseEndpoints(argument, name),
    };

    private static NetEndpoint[] ParseEndpoints(ArgumentResult argument, string name)
    {
        var endpoints = new List<NetEndpoint>();
        foreach (Token token in argument.Tokens)
        {
            if (NetEndpoint.TryParse(token.Value, 0, out NetEndpoint endpoint)
                && (endpoint.Address.IsIP || endpoint.Address == NetAddress.None))
            {
                endpoints.Add(endpoint);
            }
            else
            {
                argument.AddError($"-{name}: '{token.Value}' is no address of a machine; write 127.0.0.1:8080 or [::1]:8080.");
            }
        }

        return [.. endpoints];
    }

    private static Subnet[] ParseSubnets(ArgumentResult argument)
    {
        var subnets = new List<Subnet>();
        foreach (Token token in argument.Tokens)
        {
            if (Subnet.TryParse(token.Value, out Subnet subnet))
                subnets.Add(subnet);
            else
                argument.AddError($"-rpcallowip: '{token.Value}' is not an address or subnet; write 192.0.2.7 or 192.0.2.0/24.");
        }

        return [.. subnets];
    }
}
