using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using NUnit.Framework;

namespace Logos.P2P.Tests.Node.Control;

/// <summary>
/// The stock command-line client of Bitcoin's family works with a node: Debian's litecoin-cli, which is that of Bitcoin Core 0.21, as a
/// process; and what it and later ones send, replayed.
/// </summary>
internal sealed partial class BitcoinCliTests
{
    private static IEnumerable<TestCaseData> Transcript() =>
        from command in File.ReadAllText(Repository.Find("Logos.P2P.Tests", "Node", "Control", "bitcoin-cli.txt")).Split("\n$ ")[1..]
        let parts = command.Split('\n', 2)
        select new TestCaseData(parts[0], parts[1]) { TestName = $"It_gets_answers_when_it_asks({parts[0]})" };

    [TestCaseSource(nameof(Transcript))]
    public async Task It_gets_answers_when_it_asks(string command, string request)
    {
        await using ControlRig rig = await ControlRig.StartAsync();
        await using TestNode peer = await TestNode.StartAsync(addNodes: rig.Node.Address);
        await rig.Node.WaitForPeersAsync(1);
        string[] parts = request.Split("\n\n", 2);
        // The password and the peer are of this run; everything else is as it was recorded.
        string id = $"{rig.Node.Node.GetPeers().Single().Id}";
        string head = parts[0].Replace("Basic dTpw", $"{ControlRig.Basic(ControlRig.User, ControlRig.Password)}", StringComparison.Ordinal);
        string body = parts[1].TrimEnd('\n').Replace("7]", $"{id}]", StringComparison.Ordinal)
            .Replace("\"7\"", $"\"{id}\"", StringComparison.Ordinal) + "\n";
        head = ContentLength().Replace(head, $"Content-Length: {body.Length}");

        string answer = await SendAsync(rig.Address, $"{head.Replace("\n", "\r\n", StringComparison.Ordinal)}\r\n\r\n{body}");

        Assert.That(answer, Does.StartWith("HTTP/1.1 200 OK"));
        JsonNode json = JsonNode.Parse(answer.Split("\r\n\r\n", 2)[1])!;
        foreach ((JsonNode? asked, JsonNode? told) in Pair(JsonNode.Parse(body)!, json))
        {
            // A node without a wallet answers so; the client then leaves it out.
            bool isOfWallets = asked!["method"]!.GetValue<string>() is "getwalletinfo" or "getbalances";
            Assert.That(told!["error"]?["code"]?.GetValue<int>(), Is.EqualTo(isOfWallets ? -32601 : null), command);
            Assert.That(told["id"]!.ToJsonString(), Is.EqualTo(asked["id"]!.ToJsonString()));
            Assert.That(told["jsonrpc"]?.GetValue<string>(), Is.EqualTo(asked["jsonrpc"]?.GetValue<string>()));
        }
    }

    [Test]
    public async Task As_a_process_it_shows_the_network_and_the_peers()
    {
        using var directory = new TemporaryDirectory();
        await using ProgramProcess node = ProgramProcess.StartNode(directory.File("node"), "-server", "-rpcport=0", "-connect=0");
        int port = await node.WaitForPortAsync();
        string started = await node.Errors.WaitForAsync("Control interface at ");
        await using ProgramProcess peer = ProgramProcess.StartNode(directory.File("peer"), $"-connect=127.0.0.1:{port}");
        await node.Errors.WaitForAsync("is ready");
        string rpcPort = new Uri(started[started.IndexOf("http", StringComparison.Ordinal)..]).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);

        async Task<(int Exit, string Output)> AskAsync(params string[] arguments)
        {
            await using ProgramProcess client = ProgramProcess.StartTool(
                "litecoin-cli", ["-regtest", $"-datadir={directory.File("node")}", $"-rpcport={rpcPort}", .. arguments]);
            int exit = await client.WaitForExitAsync();
            return (exit, $"{client.Output.Text}\n{client.Errors.Text}");
        }

        (int exit, string netinfo) = await AskAsync("-netinfo", "4");
        Assert.That(exit, Is.Zero, netinfo);
        Assert.That(netinfo, Does.Contain($"regtest - 70017{P2PNode.UserAgent}"));
        Assert.That(netinfo, Does.Match(@"in +1 +0 +0 +1 +0\n"), "One inbound peer, on IPv4.");
        Assert.That(netinfo, Does.Match(@" in +127\.0\.0\.1:\d+|\n *in .*70017.*LogosP2P"), "A line for the peer.");
        Assert.That((await AskAsync("-getinfo")).Output, Does.Contain("\"chain\": \"regtest\"").And.Contain("\"in\": 1"));
        Assert.That((await AskAsync("getconnectioncount")).Output.Trim(), Is.EqualTo("1"));
        Assert.That((await AskAsync("help")).Output, Does.Contain("== Network =="));
        Assert.That(
            await AskAsync("setban", "nobody", "add"),
            Is.EqualTo((30, "\nerror code: -30\nerror message:\nError: Invalid IP/Subnet")));
        Assert.That((await AskAsync("propagate", Convert.ToHexString("by cli"u8))).Output, Does.Contain("\"sent\": true"));
        await peer.Output.WaitForAsync("by cli");
        Assert.That((await AskAsync("stop")).Output.Trim(), Is.EqualTo("Logos P2P stopping"));
        Assert.That(await node.WaitForExitAsync(), Is.Zero);
    }

    private static IEnumerable<(JsonNode? Asked, JsonNode? Told)> Pair(JsonNode request, JsonNode answer) =>
        request is JsonArray batch ? batch.Zip(answer.AsArray()) : [(request, answer)];

    private static async Task<string> SendAsync(Uri address, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadToEndAsync().WaitAsync(TestNode.Patience);
    }

    [GeneratedRegex("Content-Length: [0-9]+")]
    private static partial Regex ContentLength();
}
