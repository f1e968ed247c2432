namespace Logos.P2P.Bench.Hop;

/// <summary><c>role ...</c>: what the processes of a line are told to be. Not for people.</summary>
internal static class RoleCommand
{
    public static async Task RunAsync(string[] arguments)
    {
        switch (arguments)
        {
            case ["source", "accept", _]:
                SourceRole.Run(null, EndKind.Raw);
                break;
            case ["source", var port, var kind]:
                SourceRole.Run(int.Parse(port), Parse(kind));
                break;
            case ["sink", var port, var kind, var count]:
                SinkRole.Run(int.Parse(port), Parse(kind), int.Parse(count));
                break;
            case ["forwarder", var from]:
                ForwarderRole.Run(Port(from), checks: false);
                break;
            case ["checking-forwarder", var from]:
                ForwarderRole.Run(Port(from), checks: true);
                break;
            case ["zmq", _]:
                nint input = ZeroMq.Open(ZeroMq.XSub), output = ZeroMq.Open(ZeroMq.XPub);
                Console.WriteLine($"{ZeroMq.Bind(input)} {ZeroMq.Bind(output)}");
                ZeroMq.Forward(input, output);
                break;
            case ["node", var from]:
                await NodeRole.RunAsync(Port(from));
                break;
            default:
                throw new ArgumentException("There is no such role.", nameof(arguments));
        }
    }

    private static int? Port(string from) => from == "source" ? null : int.Parse(from);

    private static EndKind Parse(string kind) => Enum.Parse<EndKind>(kind, ignoreCase: true);
}
