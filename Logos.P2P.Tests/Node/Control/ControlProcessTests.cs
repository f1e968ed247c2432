using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Json.Nodes;
using NUnit.Framework;

namespace Logos.P2P.Tests.Node.Control;

/// <summary>The control interface of <c>logosp2p run</c>, as a process.</summary>
internal sealed class ControlProcessTests
{
    [Test]
    public async Task A_message_sent_through_one_node_is_known_to_another_and_nothing_but_it_is_printed()
    {
        using var directory = new TemporaryDirectory();
        await using ProgramProcess a = ProgramProcess.StartNode(directory.File("a"), "-server", "-rpcport=0", "-connect=0");
        int port = await a.WaitForPortAsync();
        await using ProgramProcess b = ProgramProcess.StartNode(
            directory.File("b"), "-server", "-rpcport=0", $"-addnode=127.0.0.1:{port}");
        await b.Errors.WaitForAsync("is ready");
        using HttpClient clientA = await ConnectAsync(a, directory.File("a")), clientB = await ConnectAsync(b, directory.File("b"));

        JsonNode sent = (await CallAsync(clientB, "propagate", Convert.ToHexString("hello"u8)))!;
        await a.Output.WaitForAsync("hello");
        JsonNode received = (await CallAsync(clientA, "getmessageinfo", sent["id"]!.GetValue<string>()))!;
        JsonNode own = (await CallAsync(clientB, "getmessageinfo", sent["id"]!.GetValue<string>()))!;

        Assert.That(sent["sent"]!.GetValue<bool>(), Is.True);
        Assert.That(received["direction"]!.GetValue<string>(), Is.EqualTo("received"));
        Assert.That(received["verdict"]!.GetValue<string>(), Is.EqualTo("propagate"));
        JsonNode peer = (await CallAsync(clientA, "getpeerinfo"))!.AsArray().Single()!;
        Assert.That(received["peer"]!.GetValue<long>(), Is.EqualTo(peer["id"]!.GetValue<long>()));
        Assert.That(received["addr"]!.GetValue<string>(), Is.EqualTo(peer["addr"]!.GetValue<string>()));
        Assert.That(
            received["timemicros"]!.GetValue<long>() - own["timemicros"]!.GetValue<long>(),
            Is.InRange(0, 30_000_000), "They have the same clock.");
        Assert.That((await CallAsync(clientB, "stop"))!.GetValue<string>(), Is.EqualTo("Logos P2P stopping"));
        Assert.That(await b.WaitForExitAsync(), Is.Zero);
        Assert.That(await a.StopAsync(), Is.Zero);
        Assert.That(a.Output.Lines, Is.EqualTo(new[] { "hello" }));
        Assert.That(b.Output.Lines, Is.Empty);
    }

    [Test]
    [UnsupportedOSPlatform("windows")]
    public async Task The_cookie_is_its_owner_s_alone_and_goes_with_the_node()
    {
        using var directory = new TemporaryDirectory();
        string cookie = directory.File("regtest", ".cookie");
        Directory.CreateDirectory(directory.File("regtest"));
        await File.WriteAllTextAsync(cookie, "left behind by a node that was killed, for all to read");
        await using ProgramProcess node = ProgramProcess.StartNode(directory.Path, "-server", "-rpcport=0");
        await node.Errors.WaitForAsync("Control interface at ");

        Assert.That(await File.ReadAllTextAsync(cookie), Does.Match("^__cookie__:[0-9a-f]{64}$"));
        Assert.That(File.GetUnixFileMode(cookie), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.That(await node.StopAsync(), Is.Zero);
        Assert.That(File.Exists(cookie), Is.False);
    }

    [Test]
    public async Task With_a_password_there_is_no_cookie()
    {
        using var directory = new TemporaryDirectory();
        await using ProgramProcess node = ProgramProcess.StartNode(
            directory.Path, "-server", "-rpcport=0", "-rpcuser=me", "-rpcpassword=secret");
        using HttpClient client = await ConnectAsync(node, "me:secret", isSecret: true);

        Assert.That((await CallAsync(client, "uptime"))!.GetValue<long>(), Is.Not.Negative);
        Assert.That(File.Exists(directory.File("regtest", ".cookie")), Is.False);
        Assert.That(node.Errors.Text, Does.Not.Contain("secret"));
    }

    [Test]
    public async Task A_port_that_was_asked_for_and_is_taken_is_an_error()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var directory = new TemporaryDirectory();

        await using ProgramProcess node = ProgramProcess.StartNode(
            directory.Path, "-server", $"-rpcport={((IPEndPoint)listener.LocalEndpoint).Port}");

        Assert.That(await node.WaitForExitAsync(), Is.EqualTo(1));
        Assert.That(node.Errors.Text, Does.Contain("address already in use"));
        Assert.That(File.Exists(directory.File("regtest", ".cookie")), Is.False);
    }

    [Test]
    public async Task Without_a_port_asked_for_a_second_node_on_the_machine_goes_on_without()
    {
        using var directory = new TemporaryDirectory();
        // One of the two, or whatever else runs on this machine, has the usual port.
        await using ProgramProcess first = ProgramProcess.StartNode(directory.File("a"), "-server");
        await first.Errors.WaitForAsync("ontrol interface");
        await using ProgramProcess second = ProgramProcess.StartNode(directory.File("b"), "-server");

        await second.Errors.WaitForAsync("No control interface: ");

        Assert.That(File.Exists(directory.File("b", "regtest", ".cookie")), Is.False);
        Assert.That(await second.StopAsync(), Is.Zero);
    }

    [Test]
    public async Task Health_may_be_told_alone_where_others_reach_it()
    {
        using var directory = new TemporaryDirectory();
        using var listener = new TcpListener(IPAddress.Any, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        await using ProgramProcess node = ProgramProcess.StartNode(directory.Path, $"-healthbind=0.0.0.0:{port}");
        await node.Errors.WaitForAsync("Health is told at ");
        using var client = new HttpClient();

        async Task<HttpStatusCode> Get(string path) => (await client.GetAsync(new Uri($"http://127.0.0.1:{port}{path}"))).StatusCode;

        Assert.That(await Get("/health/live"), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await Get("/health/ready"), Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(await Get("/"), Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(await node.StopAsync(), Is.Zero);
    }

    private static async Task<HttpClient> ConnectAsync(ProgramProcess node, string dataDirectory, bool isSecret = false)
    {
        string line = await node.Errors.WaitForAsync("Control interface at ");
        string secret = isSecret ? dataDirectory : await File.ReadAllTextAsync(Path.Combine(dataDirectory, "regtest", ".cookie"));
        var client = new HttpClient { BaseAddress = new Uri(line[line.IndexOf("http", StringComparison.Ordinal)..]) };
        client.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)));
        return client;
    }

    private static async Task<JsonNode?> CallAsync(HttpClient client, string method, params string[] arguments)
    {
        var request = new JsonObject
        {
            ["method"] = method,
            ["params"] = new JsonArray([.. arguments.Select(argument => (JsonNode)argument)]),
        };
        using var content = new StringContent(request.ToJsonString());
        using HttpResponseMessage response = await client.PostAsync((Uri?)null, content);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!["result"];
    }
}
