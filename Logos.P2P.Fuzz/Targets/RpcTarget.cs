using System.Text;
using System.Text.Json;
using Logos.P2P.Fuzz.Engine;
using Logos.P2P.Fuzz.World;
using Logos.P2P.Node;
using Logos.P2P.Node.Control;
using Logos.P2P.Node.Logs;
using Logos.P2P.Wire;

namespace Logos.P2P.Fuzz.Targets;

/// <summary>The body of a request to the control interface of a node. It is answered; no method fails in a way nobody thought of.</summary>
internal sealed class RpcTarget : FuzzTarget
{
    private readonly FaultLog _log = new();
    private NodeInMemory? _node;
    private RpcDispatcher? _dispatcher;

    public override string Name => "rpc";

    public override IReadOnlyCollection<string> Assemblies => ["logosp2p"];

    public override IReadOnlyCollection<string> Types => ["Logos.P2P.Node.Control.Rpc", "Logos.P2P.Node.Control.NetworkMethods",
        "Logos.P2P.Node.Control.BanMethods", "Logos.P2P.Node.Control.MessageMethods", "Logos.P2P.Node.Control.ProgramMethods"];

    public override IEnumerable<byte[]> Seeds() =>
    [
        .. RpcMethods.All.SelectMany(method => new[]
        {
            $$"""{"jsonrpc":"2.0","id":1,"method":"{{method.Name}}"}""",
            $$"""{"id":1,"method":"{{method.Name}}","params":[{{string.Join(',', method.Parameters.Select(Example))}}]}""",
            $$"""{"id":1,"method":"{{method.Name}}","params":{ {{string.Join(',', method.Parameters.Select(parameter => $"\"{parameter.Name}\":{Example(parameter)}"))}} } }""",
        }).Append("""[{"jsonrpc":"2.0","method":"help"},{"jsonrpc":"1.0","id":null,"method":"help","params":["help"]}]""").Select(Encoding.UTF8.GetBytes),
    ];

    public override IEnumerable<byte[]> Words() =>
    [
        .. RpcMethods.All.Select(method => method.Name)
            .Concat(RpcMethods.All.SelectMany(method => method.Parameters).Select(parameter => parameter.Name))
            .Concat(["\"127.0.0.1:1\"", "\"192.0.2.0/24\"", "\"add\"", "\"remove\"", "\"onetry\"", "\"2.0\"", "null", "-1", "1e999", "9223372036854775807", "\\u0000", "\\ud800"])
            .Select(Encoding.UTF8.GetBytes),
    ];

    /// <summary>Answers are as long as the help of all methods.</summary>
    public override long MostAllocated(int length) => (8 * 1024 * 1024) + (16 * 1024L * length);

    public override void Run(ReadOnlySpan<byte> input)
    {
        if (_node is null)
        {
            _node = new NodeInMemory(new P2POptions { Network = P2PNetwork.Regtest, Connect = ["0"] }, _log);
            var context = new RpcContext(
                _node.Node, new P2POptions { Network = P2PNetwork.Regtest }, new Messages(_node.Loop.Clock), LogSettings.Default,
                () => { }, _node.Loop.Clock);
            _dispatcher = new RpcDispatcher(context, _log);
        }

        byte[] body = input.ToArray();
        _node.Loop.Do(() => Answer(body));
        _log.RequireNone();
    }

    public override void Dispose()
    {
        _node?.Dispose();
        _log.Dispose();
        base.Dispose();
    }

    private void Answer(byte[] body)
    {
        RpcReply reply;
        try
        {
            using var stream = new MemoryStream(body);
            reply = _dispatcher!.Handle(RpcDispatcher.ReadAsync(stream, CancellationToken.None).GetAwaiter().GetResult());
        }
        catch (JsonException)
        {
            return;
        }

        Require(reply.Status is 200 or 204 or 400 or 404 or 500, "It has another status.");
        Require(reply.Body is null == (reply.Status == 204), "Nothing is answered, or something where nothing should be.");
        reply.Body?.ToJsonString();
    }

    private static string Example(RpcParameter parameter) => parameter.Kind switch
    {
        JsonValueKind.String => parameter.Name switch
        {
            "subnet" => "\"192.0.2.0/24\"",
            "command" => "\"add\"",
            "node" or "address" => "\"127.0.0.1:1\"",
            _ => "\"00ff\"",
        },
        JsonValueKind.Number => "1",
        JsonValueKind.True or JsonValueKind.False => "true",
        _ => "[]",
    };
}
