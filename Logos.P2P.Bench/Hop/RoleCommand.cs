using Logos.P2P.Bench.Soak;

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
            case ["idle", var port, var count]:
                IdleRole.Run(int.Parse(port), int.Parse(count));
                break;
            case ["forwarder", var from]:
                EndWithParent();
                ForwarderRole.Run(Port(from), checks: false);
                break;
            case ["checking-forwarder", var from]:
                EndWithParent();
                ForwarderRole.Run(Port(from), checks: true);
                break;
            case ["zmq", _]:
                EndWithParent();
                nint input = ZeroMq.Open(ZeroMq.XSub), output = ZeroMq.Open(ZeroMq.XPub);
                Console.WriteLine($"{ZeroMq.Bind(input)} {ZeroMq.Bind(output)}");
                ZeroMq.Forward(input, output);
                break;
            case ["node", var from, .. var directory]:
                await NodeRole.RunAsync(Port(from), isObserved: false, directory.FirstOrDefault());
                break;
            case ["native-node", var from]:
                NativeNodeRole.Run(from);
                break;
            case ["observed-node", var from]:
                await NodeRole.RunAsync(Port(from), isObserved: true);
                break;
            case ["visitors", var port, var count]:
                VisitorRole.Run(int.Parse(port), int.Parse(count));
                break;
            case ["propagate"]:
                await PropagateRole.RunAsync();
                break;
            default:
                throw new ArgumentException("There is no such role.", nameof(arguments));
        }
    }

    /// <summary>Roles that wait for sockets and not for lines would outlive a bench that was killed.</summary>
    private static void EndWithParent() => new Thread(() =>
    {
        while (Console.ReadLine() is not null)
        {
        }

        Environment.Exit(0);
    })
    { IsBackground = true }.Start();

    private static int? Port(string from) => from == "source" ? null : int.Parse(from);

    private static EndKind Parse(string kind) => Enum.Parse<EndKind>(kind, ignoreCase: true);
}
