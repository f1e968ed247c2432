using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Logos.P2P.Node.Views;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Node.Views;

/// <summary>Who may see the live view, and who may do something on it.</summary>
[NonParallelizable]
internal sealed class ViewServerTests
{
    private const string Ban = """{"jsonrpc":"2.0","id":1,"method":"setban","params":["192.0.2.7","add",60]}""";

    private ViewRig _rig = null!;
    private HttpClient _client = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _rig = await ViewRig.StartAsync(await TestNode.StartAsync(new P2POptions { Connect = ["0"] }));
        _client = new HttpClient { BaseAddress = _rig.Address };
    }

    [TearDown]
    public async Task StopAsync()
    {
        _client.Dispose();
        await _rig.DisposeAsync();
    }

    [TestCase("/", "text/html; charset=utf-8")]
    [TestCase("/node.js", "text/javascript; charset=utf-8")]
    [TestCase("/style.css", "text/css; charset=utf-8")]
    [TestCase("/icon.svg", "image/svg+xml")]
    public async Task A_page_may_load_and_run_nothing_that_is_not_the_node_s(string path, string type)
    {
        using HttpResponseMessage response = await _client.GetAsync(new Uri(path, UriKind.Relative));
        string policy = response.Headers.GetValues("Content-Security-Policy").Single();

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(response.Content.Headers.ContentType!.ToString(), Is.EqualTo(type));
        Assert.That(policy, Does.StartWith("default-src 'none'").And.Not.Contain("unsafe").And.Not.Contain("http"));
        Assert.That(policy, Does.Contain("frame-ancestors 'none'").And.Contain("form-action 'none'").And.Contain("base-uri 'none'"));
        Assert.That(response.Headers.GetValues("X-Content-Type-Options").Single(), Is.EqualTo("nosniff"));
    }

    [TestCase("evil.example", 403)]
    [TestCase("evil.example:80", 403)]
    [TestCase("127.0.0.1.evil.example", 403)]
    [TestCase("localhost", 200)]
    [TestCase("127.0.0.1", 200)]
    public async Task Whoever_calls_this_machine_by_another_name_is_sent_away(string host, int status)
    {
        foreach (string path in (string[])["/", "/rpc"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
            request.Headers.Host = host;
            using HttpResponseMessage response = await _client.SendAsync(request);
            Assert.That((int)response.StatusCode, Is.EqualTo(path == "/rpc" && status == 200 ? 405 : status));
        }
    }

    [TestCase("/nothing")]
    [TestCase("/../appsettings.json")]
    [TestCase("/%2e%2e/x")]
    [TestCase("/Views/Page/node.js")]
    public async Task What_is_not_part_of_the_page_is_not_there(string path) =>
        Assert.That((await _client.GetAsync(new Uri(path, UriKind.Relative))).StatusCode, Is.EqualTo(HttpStatusCode.NotFound));

    [Test]
    public async Task The_operator_bans_from_the_page()
    {
        Assert.That(await PostAsync(Ban), Is.EqualTo(200));
        Assert.That(_rig.Node.Node.GetBans().Single().Hosts, Is.EqualTo(Subnet.Parse("192.0.2.7")));
    }

    [TestCase("{\"method\":\"stop\"}", ExpectedResult = 403, Description = "not a method of the page")]
    [TestCase("[{\"method\":\"setban\"}]", ExpectedResult = 403)]
    [TestCase("{\"method\":1}", ExpectedResult = 403)]
    [TestCase("nonsense", ExpectedResult = 400)]
    public Task<int> What_the_page_does_not_do_is_refused_to_the_operator_too(string body) => PostAsync(body);

    [Test]
    public async Task Nobody_else_does_anything()
    {
        Assert.That(await PostAsync(Ban, secret: null), Is.EqualTo(401));
        Assert.That(await PostAsync(Ban, secret: "operator:wrong"), Is.EqualTo(401));
        Assert.That(_rig.Log.Lines, Has.Count.EqualTo(2).And.All.Contains("password"));
        Assert.That(await PostAsync(Ban, origin: "http://evil.example"), Is.EqualTo(403));
        Assert.That(await PostAsync(Ban, origin: null), Is.EqualTo(403));
        Assert.That(await PostAsync(Ban, origin: $"http://localhost:{_rig.Address.Port}"), Is.EqualTo(403));
        Assert.That(await PostAsync(Ban, type: "text/plain"), Is.EqualTo(403), "what a form can send without being asked");
        Assert.That(await PostAsync(Ban + new string(' ', (int)ViewActions.MaxBody)), Is.EqualTo(413));
        Assert.That(_rig.Node.Node.GetBans(), Is.Empty);
    }

    [Test]
    public async Task News_come_while_somebody_looks_and_the_node_is_not_asked_otherwise()
    {
        await Eventually.IsAsync(() => !_rig.Node.Node.Metrics.Timing.IsTurn(0));
        Dictionary<string, JsonNode> news = [];
        using (HttpResponseMessage response = await _client.GetAsync(
            new Uri("/events", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead))
        {
            Assert.That(response.Content.Headers.ContentType!.MediaType, Is.EqualTo("text/event-stream"));
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
            string? name = null;
            while (!news.Keys.ToHashSet().IsSupersetOf(["node", "state", "tables", "bans"]))
            {
                string line = (await reader.ReadLineAsync().WaitAsync(TestNode.Patience))!;
                if (line.StartsWith("event: ", StringComparison.Ordinal))
                    name = line["event: ".Length..];
                else if (line.StartsWith("data: ", StringComparison.Ordinal))
                    news[name!] = JsonNode.Parse(line["data: ".Length..])!;
            }

            await Eventually.IsAsync(() => _rig.Node.Node.Metrics.Timing.IsTurn(0));
        }

        Assert.That(news["node"]["network"]!.GetValue<string>(), Is.EqualTo("regtest"));
        Assert.That(news["state"]["peers"]!.AsArray(), Is.Empty);
        Assert.That(Convert.FromBase64String(news["tables"]["new"]!.GetValue<string>()), Has.Length.EqualTo(1024));
        Assert.That(Convert.FromBase64String(news["tables"]["tried"]!.GetValue<string>()), Has.Length.EqualTo(256));
        await Eventually.IsAsync(() => !_rig.Node.Node.Metrics.Timing.IsTurn(0));
    }

    [Test]
    public async Task More_pages_than_there_is_room_for_are_sent_away_and_all_end_with_the_program()
    {
        var pages = new List<HttpResponseMessage>();
        for (int i = 0; i < EventStream.MaxPages; i++)
        {
            pages.Add(await _client.GetAsync(new Uri("/events", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead));
            Assert.That(pages[^1].StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }

        using HttpResponseMessage tooMany = await _client.GetAsync(new Uri("/events", UriKind.Relative));
        Assert.That(tooMany.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That((await _client.GetAsync((Uri?)null)).StatusCode, Is.EqualTo(HttpStatusCode.OK), "the page itself");

        long start = Stopwatch.GetTimestamp();
        await _rig.DisposeAsync().AsTask().WaitAsync(TestNode.Patience);
        Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(TimeSpan.FromSeconds(4)), "no page is waited for");
        foreach (HttpResponseMessage page in pages)
            page.Dispose();
    }

    private async Task<int> PostAsync(
        string body, string? secret = "", string? origin = "", string type = "application/json")
    {
        using var content = new StringContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/rpc", UriKind.Relative)) { Content = content };
        if (origin is not null)
            request.Headers.Add("Origin", origin.Length == 0 ? _rig.Address.GetLeftPart(UriPartial.Authority) : origin);
        if (secret is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue(
                "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(secret.Length == 0 ? ViewRig.Secret : secret)));
        }

        using HttpResponseMessage response = await _client.SendAsync(request);
        return (int)response.StatusCode;
    }
}
