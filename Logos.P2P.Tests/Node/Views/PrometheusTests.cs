using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using NUnit.Framework;

namespace Logos.P2P.Tests.Node.Views;

/// <summary>A real Prometheus scrapes a real node. These tests exist where it is installed: CI has it.</summary>
internal sealed class PrometheusTests
{
    [Test]
    public async Task Prometheus_knows_of_each_byte_that_a_node_told_and_forgets_a_group_that_is_switched_off()
    {
        string program = Tool.Require("prometheus");
        using var directory = new TemporaryDirectory();
        int metricsPort = FreePort(), prometheusPort = FreePort();
        await using ProgramProcess node = ProgramProcess.StartNode(
            directory.File("node"), "-server", "-rpcport=0", "-connect=0", $"-metricsbind=127.0.0.1:{metricsPort}");
        int port = await node.WaitForPortAsync();
        await node.Errors.WaitForAsync("Metrics at ");
        using HttpClient control = await ControlAsync(node, directory.File("node", "regtest", ".cookie"));
        await using ProgramProcess other = ProgramProcess.StartNode(directory.File("other"), $"-connect=127.0.0.1:{port}");
        await other.Errors.WaitForAsync("is ready");
        await other.WriteLineAsync("hello");
        await node.Output.WaitForAsync("hello");

        await File.WriteAllTextAsync(
            directory.File("prometheus.yml"),
            $$"""
            global: { scrape_interval: 250ms, scrape_timeout: 200ms }
            scrape_configs:
              - job_name: logosp2p
                static_configs: [{ targets: ["127.0.0.1:{{metricsPort}}"] }]
            """);
        using Process prometheus = Start(
            program, $"--config.file={directory.File("prometheus.yml")}", $"--storage.tsdb.path={directory.File("tsdb")}",
            $"--web.listen-address=127.0.0.1:{prometheusPort}");
        try
        {
            using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{prometheusPort}") };
            await UntilAsync(async () => await QueryAsync(client, "up") == 1);

            const string Received = "logos_p2p_frame_io_bytes_total{logos_command=\"logos\",network_io_direction=\"receive\"}";
            await UntilAsync(async () => await QueryAsync(client, Received) == 24 + "hello".Length);
            JsonNode peer = (await CallAsync(control, "getpeerinfo"))!.AsArray().Single()!;
            await UntilAsync(async () =>
                await QueryAsync(client, "logos_p2p_socket_io_bytes_total{network_io_direction=\"receive\"}")
                == peer["bytesrecv"]!.GetValue<long>());
            Assert.That(
                await QueryAsync(client, "sum(logos_p2p_frame_io_bytes_total{network_io_direction=\"receive\"})"),
                Is.EqualTo(peer["bytesrecv"]!.GetValue<long>()));
            Assert.That(await QueryAsync(client, "logos_p2p_connections{logos_connection_kind=\"inbound\"}"), Is.EqualTo(1));
            Assert.That(await QueryAsync(client, "logos_p2p_gossip_messages_total{logos_outcome=\"received\"}"), Is.EqualTo(1));
            Assert.That(await QueryAsync(client, "count(logos_p2p_memory_usage_bytes)"), Is.EqualTo(12));
            Assert.That(await QueryAsync(client, "count(logos_p2p_addresses{logos_table=\"tried\"})"), Is.EqualTo(5));
            Assert.That(await QueryAsync(client, "dotnet_gc_collections_total{gc_heap_generation=\"gen0\"}"), Is.Not.Null);

            Assert.That((await CallAsync(control, "metrics", "net", false))!["net"]!.GetValue<bool>(), Is.False);
            await UntilAsync(async () => await QueryAsync(client, Received) is null);
            Assert.That(await QueryAsync(client, "count(logos_p2p_memory_usage_bytes)"), Is.EqualTo(12), "the others go on");

            await CallAsync(control, "metrics", "net", true);
            await UntilAsync(async () => await QueryAsync(client, Received) == 24 + "hello".Length);
        }
        finally
        {
            prometheus.Kill();
            await prometheus.WaitForExitAsync();
        }
    }

    [Test]
    public async Task Promtool_finds_nothing_to_complain_of()
    {
        string program = Tool.Require("promtool");
        using var directory = new TemporaryDirectory();
        int port = FreePort();
        await using ProgramProcess node = ProgramProcess.StartNode(directory.Path, "-connect=0", $"-metricsbind=127.0.0.1:{port}");
        await node.Errors.WaitForAsync("Metrics at ");
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

        string text = await client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        // What .NET itself measures has names that promtool has remarks about.
        string[] ours = [.. text.Split('\n').Where(line => line.Contains("logos_p2p_", StringComparison.Ordinal))];
        using Process promtool = Start(program, "check", "metrics");
        await promtool.StandardInput.WriteAsync(string.Join('\n', ours) + "\n");
        promtool.StandardInput.Close();
        string said = await promtool.StandardOutput.ReadToEndAsync() + await promtool.StandardError.ReadToEndAsync();
        await promtool.WaitForExitAsync();

        Assert.That(ours, Has.Length.GreaterThan(100));
        Assert.That(said, Is.Empty);
        Assert.That(promtool.ExitCode, Is.Zero);
        foreach (string other in (string[])["/", "/metrics/", "/health/live"])
            Assert.That((await client.GetAsync(new Uri(other, UriKind.Relative))).StatusCode, Is.EqualTo(HttpStatusCode.NotFound), other);
        using var empty = new StringContent("");
        Assert.That((await client.PostAsync(new Uri("/metrics", UriKind.Relative), empty)).StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [TestCase("-metricsbind=127.0.0.1")]
    [TestCase("-metricsbind=example.org:80")]
    [TestCase("-otlpendpoint=collector:4318")]
    [TestCase("-metrics=net,nonsense")]
    public async Task What_cannot_be_is_refused_at_once(string option)
    {
        using var directory = new TemporaryDirectory();
        await using ProgramProcess node = ProgramProcess.StartNode(directory.Path, option);

        Assert.That(await node.WaitForExitAsync(), Is.EqualTo(2));
        Assert.That(node.Errors.Text, Does.Contain(option.Split('=')[0]));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static Process Start(string program, params string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        if (arguments[0].StartsWith("--", StringComparison.Ordinal))
        {
            // A server: what it says is read by nobody, and must not stop it.
            process.BeginErrorReadLine();
            process.BeginOutputReadLine();
        }

        return process;
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(TestNode.Patience), "It never came to be so.");
            await Task.Delay(50);
        }
    }

    /// <summary>What Prometheus says; null for nothing.</summary>
    private static async Task<double?> QueryAsync(HttpClient client, string query)
    {
        try
        {
            JsonNode answer = JsonNode.Parse(await client.GetStringAsync(
                new Uri($"/api/v1/query?query={Uri.EscapeDataString(query)}", UriKind.Relative)))!;
            JsonArray result = answer["data"]!["result"]!.AsArray();
            return result.Count == 0 ? null : double.Parse(result.Single()!["value"]![1]!.GetValue<string>(), CultureInfo.InvariantCulture);
        }
        catch (HttpRequestException)
        {
            // It does not listen yet.
            return null;
        }
    }

    private static async Task<HttpClient> ControlAsync(ProgramProcess node, string cookieFile)
    {
        string line = await node.Errors.WaitForAsync("Control interface at ");
        var client = new HttpClient { BaseAddress = new Uri(line[line.IndexOf("http", StringComparison.Ordinal)..]) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(await File.ReadAllTextAsync(cookieFile))));
        return client;
    }

    private static async Task<JsonNode?> CallAsync(HttpClient client, string method, params JsonNode[] arguments)
    {
        using var content = new StringContent(new JsonObject { ["method"] = method, ["params"] = new JsonArray(arguments) }.ToJsonString());
        using HttpResponseMessage response = await client.PostAsync((Uri?)null, content);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!["result"];
    }
}
