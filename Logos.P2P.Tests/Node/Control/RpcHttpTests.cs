using System.Net;
using System.Net.Sockets;
using Logos.P2P.Node.Control;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;

namespace Logos.P2P.Tests.Node.Control;

/// <summary>The control interface as HTTP clients see it: statuses and bodies as Bitcoin Core gives them.</summary>
internal sealed class RpcHttpTests
{
    private ControlRig _rig = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _rig = await ControlRig.StartAsync();

    [OneTimeTearDown]
    public async Task StopAsync() => await _rig.DisposeAsync();

    [TestCase("""{"method":"getconnectioncount","id":"a"}""", 200, """{"result":0,"error":null,"id":"a"}""")]
    [TestCase("""{"jsonrpc":"1.0","method":"getconnectioncount","params":[]}""", 200, """{"result":0,"error":null,"id":null}""")]
    [TestCase(
        """{"jsonrpc":"2.0","method":"getconnectioncount","id":{"b":[1.5]}}""", 200,
        """{"jsonrpc":"2.0","result":0,"id":{"b":[1.5]}}""")]
    [TestCase("""{"jsonrpc":"2.0","method":"getconnectioncount","id":null}""", 200, """{"jsonrpc":"2.0","result":0,"id":null}""")]
    [TestCase("""{"jsonrpc":"2.0","method":"getconnectioncount"}""", 204, "")]
    [TestCase("""{"jsonrpc":"2.0","method":"nothing"}""", 204, "")]
    [TestCase(
        """{"method":"nothing","id":1}""", 404,
        """{"result":null,"error":{"code":-32601,"message":"Method not found"},"id":1}""")]
    [TestCase(
        """{"jsonrpc":"2.0","method":"nothing","id":1}""", 200,
        """{"jsonrpc":"2.0","error":{"code":-32601,"message":"Method not found"},"id":1}""")]
    [TestCase("{\"method\":", 500, """{"result":null,"error":{"code":-32700,"message":"Parse error"},"id":null}""")]
    [TestCase("{\"method\":\"\\ud800\"}", 500, """{"result":null,"error":{"code":-32700,"message":"Parse error"},"id":null}""")]
    [TestCase("{\"\\ud800\":1}", 500, """{"result":null,"error":{"code":-32700,"message":"Parse error"},"id":null}""")]
    [TestCase("", 500, """{"result":null,"error":{"code":-32700,"message":"Parse error"},"id":null}""")]
    [TestCase(
        """{"method":"help","method":"stop"}""", 500,
        """{"result":null,"error":{"code":-32700,"message":"Parse error"},"id":null}""")]
    [TestCase("7", 500, """{"result":null,"error":{"code":-32700,"message":"Top-level object parse error"},"id":null}""")]
    [TestCase("null", 500, """{"result":null,"error":{"code":-32700,"message":"Top-level object parse error"},"id":null}""")]
    [TestCase("""{"id":3}""", 400, """{"result":null,"error":{"code":-32600,"message":"Missing method"},"id":3}""")]
    [TestCase("""{"id":3,"method":4}""", 400, """{"result":null,"error":{"code":-32600,"message":"Method must be a string"},"id":3}""")]
    [TestCase(
        """{"id":3,"method":"help","params":"setban"}""", 400,
        """{"result":null,"error":{"code":-32600,"message":"Params must be an array or object"},"id":3}""")]
    [TestCase(
        """{"jsonrpc":"3.0","id":3,"method":"help"}""", 400,
        """{"result":null,"error":{"code":-32600,"message":"JSON-RPC version not supported"},"id":3}""")]
    [TestCase(
        """{"jsonrpc":2,"id":3,"method":"help"}""", 400,
        """{"result":null,"error":{"code":-32600,"message":"jsonrpc field must be a string"},"id":3}""")]
    [TestCase("[]", 200, "[]")]
    [TestCase(
        """[{"method":"getconnectioncount","id":1},5,{"jsonrpc":"2.0","method":"getconnectioncount"},{"method":"nothing","id":2}]""",
        200,
        """[{"result":0,"error":null,"id":1},{"result":null,"error":{"code":-32600,"message":"Invalid Request object"},"id":null},{"result":null,"error":{"code":-32601,"message":"Method not found"},"id":2}]""")]
    [TestCase("""[{"jsonrpc":"2.0","method":"getconnectioncount"}]""", 204, "")]
    public async Task A_body_has_the_answer_of_Bitcoin_Core(string body, int status, string answer) => Assert.That(
        await _rig.PostAsync(body), Is.EqualTo((status, answer.Length > 0 ? $"{answer}\n" : "")));

    [Test]
    public async Task Without_the_password_nothing_is_answered()
    {
        using var client = new HttpClient();
        using var content = new StringContent("""{"method":"uptime"}""");

        using HttpResponseMessage without = await client.PostAsync(_rig.Address, content);
        client.DefaultRequestHeaders.Authorization = ControlRig.Basic(ControlRig.User, "open sesam");
        using HttpResponseMessage wrong = await client.PostAsync(_rig.Address, content);

        foreach (HttpResponseMessage response in (HttpResponseMessage[])[without, wrong])
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
            Assert.That(response.Headers.WwwAuthenticate.ToString(), Is.EqualTo("Basic realm=\"jsonrpc\""));
            Assert.That(await response.Content.ReadAsStringAsync(), Is.Empty);
        }
    }

    [Test]
    public async Task Only_POST_to_the_root_is_taken()
    {
        using HttpResponseMessage get = await _rig.Client.GetAsync(_rig.Address);
        using var content = new StringContent("""{"method":"uptime"}""");
        using HttpResponseMessage elsewhere = await _rig.Client.PostAsync(new Uri(_rig.Address, "/elsewhere"), content);

        Assert.That(get.StatusCode, Is.EqualTo(HttpStatusCode.MethodNotAllowed));
        Assert.That(await get.Content.ReadAsStringAsync(), Is.EqualTo("JSONRPC server handles only POST requests"));
        Assert.That(elsewhere.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task A_page_of_somebody_else_gets_nothing_even_from_a_browser_that_knows_the_password()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _rig.Address);
        request.Content = new StringContent("""{"method":"stop"}""");
        request.Headers.Add("Origin", "http://evil.example");

        using HttpResponseMessage response = await _rig.Client.SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
    }

    [Test]
    public async Task A_body_longer_than_any_request_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _rig.Address);
        request.Content = new StringContent(new string(' ', (int)RpcEndpoint.MaxBody + 1));
        // Asks first: whoever just sends may find the connection closed before he reads the answer.
        request.Headers.ExpectContinue = true;

        using HttpResponseMessage response = await _rig.Client.SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
        Assert.That((await _rig.PostAsync("""{"method":"uptime"}""")).Status, Is.EqualTo(200), "And all goes on.");
    }

    [TestCase("127.0.0.1", 200)]
    [TestCase("127.9.9.9", 200)]
    [TestCase("::1", 200)]
    [TestCase("198.51.100.7", 200)]
    [TestCase("::ffff:198.51.100.7", 200)]
    [TestCase("198.51.101.7", 403)]
    [TestCase("0.0.0.1", 403)]
    [TestCase("2001:db8::1", 403)]
    public async Task Only_this_machine_and_those_allowed_are_heard(string from, int status)
    {
        var dispatcher = new RpcDispatcher(ControlRig.ContextOf(_rig.Node), NullLogger.Instance);
        using var credentials = Credentials.Of("a", "b");
        var endpoint = new RpcEndpoint(
            ControlRig.Settings, credentials, dispatcher, new HealthEndpoint(_rig.Node.Node), NullLogger.Instance);
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(from);
        context.Request.Method = "POST";
        context.Request.Path = "/";
        context.Request.Headers.Authorization = ControlRig.Basic("a", "b").ToString();
        context.Request.Body = new MemoryStream("""{"method":"uptime"}"""u8.ToArray());

        await endpoint.HandleAsync(context);

        Assert.That(context.Response.StatusCode, Is.EqualTo(status));
    }

    [Test]
    public async Task Connections_that_say_nothing_keep_nobody_out_for_long()
    {
        // More than there are places for.
        var idle = new List<TcpClient>();
        try
        {
            for (int i = 0; i < 20; i++)
            {
                idle.Add(new TcpClient());
                await idle[i].ConnectAsync(_rig.Address.Host, _rig.Address.Port);
            }

            using var client = new HttpClient();
            using HttpResponseMessage alive = await client.GetAsync(new Uri(_rig.Address, "/health/live"));

            Assert.That(alive.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }
        finally
        {
            idle.ForEach(client => client.Dispose());
        }
    }

    [Test]
    public async Task Whether_it_is_alive_and_ready_is_told_to_anybody()
    {
        using var client = new HttpClient();
        using HttpResponseMessage alive = await client.GetAsync(new Uri(_rig.Address, "/health/live"));
        using HttpResponseMessage alone = await client.GetAsync(new Uri(_rig.Address, "/health/ready"));
        await using TestNode other = await TestNode.StartAsync(addNodes: _rig.Node.Address);
        await _rig.Node.WaitForPeersAsync(1);
        using HttpResponseMessage connected = await client.GetAsync(new Uri(_rig.Address, "/health/ready"));

        Assert.That(
            new[] { alive.StatusCode, alone.StatusCode, connected.StatusCode },
            Is.EqualTo(new[] { HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK }));
        Assert.That(await connected.Content.ReadAsStringAsync(), Is.Empty);
        await other.DisposeAsync();
        await Eventually.IsAsync(() => _rig.Node.Node.ConnectionCount == 0);
    }
}
