using System.Buffers.Binary;
using System.Net;
using System.Text;
using Logos.P2P.Node.Control;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;

namespace Logos.P2P.Tests.Node.Views;

/// <summary>Metrics are sent to an OpenTelemetry collector.</summary>
internal sealed class OtlpTests
{
    [Test]
    public async Task A_collector_is_sent_the_node_s_counters_at_the_latest_when_it_stops()
    {
        using var directory = new TemporaryDirectory();
        var received = new TaskCompletionSource<(string Path, string Type, byte[] Body)>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using HttpServer collector = await HttpServer.StartAsync(
            [new IPEndPoint(IPAddress.Loopback, 0)],
            1_000_000,
            async context =>
            {
                using var body = new MemoryStream();
                await context.Request.Body.CopyToAsync(body);
                received.TrySetResult((context.Request.Path, context.Request.ContentType!, body.ToArray()));
            },
            NullLoggerFactory.Instance);
        await using ProgramProcess node = ProgramProcess.StartNode(
            directory.File("a"), "-connect=0", "-metrics=net,gossip", $"-otlpendpoint={collector.Addresses[0].AbsoluteUri}");
        int port = await node.WaitForPortAsync();
        await using ProgramProcess other = ProgramProcess.StartNode(directory.File("b"), $"-connect=127.0.0.1:{port}");
        await other.Errors.WaitForAsync("is ready");
        await other.WriteLineAsync("hello");
        await node.Output.WaitForAsync("hello");

        Assert.That(await node.StopAsync(), Is.Zero);

        (string path, string type, byte[] message) = await received.Task.WaitAsync(TestNode.Patience);
        Assert.That(path, Is.EqualTo("/v1/metrics"));
        Assert.That(type, Is.EqualTo("application/x-protobuf"));
        Dictionary<string, byte[]> metrics = MetricsOf(message);
        Assert.That(metrics.Keys, Does.Contain("logos.p2p.frame.io").And.Contain("logos.p2p.message.wait.duration"));
        Assert.That(metrics.Keys, Has.None.StartsWith("logos.p2p.memory"), "that group is off");
        Assert.That(
            PointsOf(metrics["logos.p2p.frame.io"])["logos,receive"], Is.EqualTo(24 + "hello".Length));
    }

    /// <summary>The metrics of a request, by name. Numbers of fields are those of opentelemetry-proto's metrics.proto.</summary>
    private static Dictionary<string, byte[]> MetricsOf(byte[] request) => (
        from resource in Fields(request, 1)
        from scope in Fields(resource, 2)
        from metric in Fields(scope, 2)
        select (Name: Encoding.UTF8.GetString(Fields(metric, 1).Single()), metric)).ToDictionary(pair => pair.Name, pair => pair.metric);

    /// <summary>The points of a sum, by the values of their attributes.</summary>
    private static Dictionary<string, long> PointsOf(byte[] metric) => (
        from sum in Fields(metric, 7)
        from point in Fields(sum, 1)
        let values = from attribute in Fields(point, 7)
                     from value in Fields(attribute, 2)
                     from text in Fields(value, 1)
                     select Encoding.UTF8.GetString(text)
        select (Name: string.Join(',', values), Value: BinaryPrimitives.ReadInt64LittleEndian(Fields(point, 6).Single())))
        .ToDictionary(pair => pair.Name, pair => pair.Value);

    /// <summary>The fields of a number in a message of protocol buffers, as bytes.</summary>
    private static List<byte[]> Fields(byte[] message, int number)
    {
        var found = new List<byte[]>();
        int at = 0;
        while (at < message.Length)
        {
            ulong key = Varint();
            int length = (key & 7) switch
            {
                0 => -1,
                1 => 8,
                2 => (int)Varint(),
                5 => 4,
                _ => throw new InvalidDataException("not protocol buffers"),
            };
            if (length < 0)
            {
                Varint();
                continue;
            }

            if ((int)(key >> 3) == number)
                found.Add(message[at..(at + length)]);
            at += length;
        }

        return found;

        ulong Varint()
        {
            ulong value = 0;
            for (int shift = 0; ; shift += 7)
            {
                byte part = message[at++];
                value |= (ulong)(part & 0x7F) << shift;
                if (part < 0x80)
                    return value;
            }
        }
    }
}
