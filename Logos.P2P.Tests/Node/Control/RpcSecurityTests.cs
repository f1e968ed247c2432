using System.Globalization;
using System.Net.Sockets;
using System.Text;
using NUnit.Framework;

namespace Logos.P2P.Tests.Node.Control;

/// <summary>
/// Who has no business with the control interface gets the right status and nothing else, and the node goes on: it answers its
/// operator and carries messages. The requests are raw bytes, since good clients do not send such things.
/// </summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[NonParallelizable]
internal sealed class RpcSecurityTests
{
    private const int Large = 100_000_000;

    private static readonly string Authorized = $"Authorization: {ControlRig.Basic(ControlRig.User, ControlRig.Password)}\r\n";

    private ControlRig _rig = null!;

    [SetUp]
    public async Task StartAsync() => _rig = await ControlRig.StartAsync();

    [TearDown]
    public async Task The_node_is_unharmed()
    {
        Assert.That((await _rig.PostAsync("""{"method":"uptime"}""")).Status, Is.EqualTo(200), "It answers its operator.");
        await using TestNode peer = await TestNode.StartAsync(addNodes: _rig.Node.Address);
        await peer.WaitForPeersAsync(1);
        Assert.That(peer.Propagate("still there"), Is.True);
        await _rig.Node.Handler.WaitAsync();
        await _rig.DisposeAsync();
    }

    [TestCase("", 401)]
    [TestCase("Authorization: Basic X19jb29raWVfXzp3cm9uZw==\r\n", 401)]
    [TestCase("Authorization: Bearer x\r\n", 401)]
    [TestCase("Authorization: Basic not base64\r\n", 401)]
    [TestCase("@\r\n", 400)]
    public async Task Without_the_cookie_or_with_another_one_nothing_is_answered(string header, int status) =>
        Assert.That(await StatusOfAsync(Post("127.0.0.1", header, "{}")), Is.EqualTo(status));

    [TestCase("evil.example")]
    [TestCase("evil.example:14395")]
    [TestCase("127.0.0.1.evil.example")]
    [TestCase("localhost.evil.example")]
    public async Task A_name_that_a_page_has_lead_here_is_not_ours_whoever_asks(string host) => Assert.That(
        await StatusOfAsync(Post(host, Authorized, """{"method":"stop"}""")), Is.EqualTo(403));

    [TestCase("127.0.0.1")]
    [TestCase("127.0.0.1:14395")]
    [TestCase("[::1]:14395")]
    [TestCase("localhost")]
    [TestCase("LOCALHOST:1")]
    public async Task Addresses_and_localhost_are(string host) => Assert.That(
        await StatusOfAsync(Post(host, Authorized, """{"method":"uptime"}""")), Is.EqualTo(200));

    [TestCase("Origin: http://evil.example\r\n")]
    [TestCase("Origin: null\r\n")]
    [TestCase("Origin: http://127.0.0.1:14395\r\n")]
    public async Task A_page_in_a_browser_is_refused_even_one_that_knows_the_password(string origin) => Assert.That(
        await StatusOfAsync(Post("127.0.0.1", Authorized + origin, """{"method":"stop"}""")), Is.EqualTo(403));

    [Test]
    public async Task A_browser_that_asks_whether_it_may_is_told_no() => Assert.That(
        await StatusOfAsync("OPTIONS / HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://evil.example\r\nAccess-Control-Request-Method: POST\r\n\r\n"),
        Is.EqualTo(403));

    [TestCase(true, 413)]
    [TestCase(false, 401)]
    public async Task A_body_of_100_MB_is_refused_before_it_is_read(bool isAuthorized, int status)
    {
        long before = GC.GetTotalAllocatedBytes(precise: true);

        int answer = await StatusOfAsync(
            $"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n{(isAuthorized ? Authorized : "")}Content-Length: {Large}\r\n\r\n[");

        Assert.That(answer, Is.EqualTo(status));
        Assert.That(GC.GetTotalAllocatedBytes(precise: true) - before, Is.LessThan(Large / 10));
    }

    [Test]
    public async Task A_body_without_a_length_is_cut_when_it_is_too_long()
    {
        using TcpClient client = await ConnectAsync();
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n{Authorized}Transfer-Encoding: chunked\r\n\r\n"));
        byte[] chunk = Encoding.ASCII.GetBytes($"100000\r\n{new string(' ', 0x100000)}\r\n");
        int sent = 0;
        try
        {
            for (; sent < Large; sent += chunk.Length)
                await stream.WriteAsync(chunk).AsTask().WaitAsync(TestNode.Patience);
        }
        catch (IOException)
        {
            // It has closed the connection. Its answer may be lost with what was on the way.
        }

        Assert.That(sent, Is.LessThan(Large));
    }

    [Test]
    public async Task A_body_that_comes_too_slowly_is_given_up()
    {
        using TcpClient client = await ConnectAsync();
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n{Authorized}Content-Length: 1000\r\n\r\n"));
        Task<int> status = ReadStatusAsync(stream);
        for (int i = 0; i < 1000 && !status.IsCompleted; i++)
        {
            await stream.WriteAsync(" "u8.ToArray());
            await Task.WhenAny(status, Task.Delay(200));
        }

        Assert.That(await status, Is.EqualTo(408));
    }

    [Test]
    public async Task A_head_that_does_not_end_is_given_up()
    {
        using TcpClient client = await ConnectAsync();
        await client.GetStream().WriteAsync("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: "u8.ToArray());

        Assert.That(await ReadStatusAsync(client.GetStream()), Is.EqualTo(408));
    }

    [Test]
    public async Task Of_1000_connections_at_once_each_gets_its_turn()
    {
        string request = Post("127.0.0.1", "Connection: close\r\n", "{}");
        int[] statuses = await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => StatusOfAsync(request))).WaitAsync(TimeSpan.FromMinutes(2));

        Assert.That(statuses, Has.All.EqualTo(401));
    }

    private static string Post(string host, string headers, string body) => string.Create(
        CultureInfo.InvariantCulture, $"POST / HTTP/1.1\r\nHost: {host}\r\n{headers}Content-Length: {body.Length}\r\n\r\n{body}");

    private static async Task<int> ReadStatusAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, leaveOpen: true);
        string line = (await reader.ReadLineAsync().WaitAsync(TestNode.Patience))!;
        return int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
    }

    private async Task<TcpClient> ConnectAsync()
    {
        var client = new TcpClient();
        await client.ConnectAsync(_rig.Address.Host, _rig.Address.Port);
        return client;
    }

    private async Task<int> StatusOfAsync(string request)
    {
        using TcpClient client = await ConnectAsync();
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(client.GetStream());
        string line = (await reader.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(1)))!;
        return int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
    }
}
