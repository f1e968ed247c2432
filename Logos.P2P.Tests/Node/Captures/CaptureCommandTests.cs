using System.Text;
using System.Text.Json;
using Logos.P2P.Node;
using Logos.P2P.Tests.Raw;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Node.Captures;

/// <summary><c>logosp2p capture</c>, as a process.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class CaptureCommandTests : IDisposable
{
    private const ulong Start = 1_700_000_000_000_000;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Test]
    public async Task Messages_of_all_peers_come_in_the_order_of_their_times()
    {
        Write("192.0.2.1_14495", "msgs_recv.dat", Record(Start + 1, "version", [1, 2]), Record(Start + 4, "logos", "m"u8.ToArray()));
        Write("192.0.2.1_14495", "msgs_sent.dat", Record(Start + 3, "verack", []));
        Write("[2001_db8__1]_14495", "msgs_sent.dat", Record(Start + 2, "getaddr", []), Record(Start + 4, "logos", "m"u8.ToArray()));

        ProgramResult result = await RunAsync(ExitCodes.Clean, _directory.Path);

        string id = Convert.ToHexStringLower(RawBytes.Id("m"u8.ToArray()));
        Assert.That(
            result.Output,
            Is.EqualTo(new[]
            {
                "2023-11-14T22:13:20.000001Z  192.0.2.1_14495        recv  version             2",
                "2023-11-14T22:13:20.000002Z  [2001_db8__1]_14495    sent  getaddr             0",
                "2023-11-14T22:13:20.000003Z  192.0.2.1_14495        sent  verack              0",
                $"2023-11-14T22:13:20.000004Z  192.0.2.1_14495        recv  logos               1  {id}",
                $"2023-11-14T22:13:20.000004Z  [2001_db8__1]_14495    sent  logos               1  {id}",
            }));
        Assert.That(result.Errors, Is.Empty);
    }

    [Test]
    public async Task Each_is_a_line_of_json_where_one_wants_that()
    {
        string file = Write("192.0.2.1_14495", "msgs_sent.dat", Record(Start, "logos", [7]), Record(ulong.MaxValue, "ping", RawBytes.U64(1)));

        ProgramResult result = await RunAsync(ExitCodes.Clean, file, "--json");

        JsonElement[] lines = [.. result.Output.Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.That(lines, Has.Length.EqualTo(2));
        Assert.That(lines[0].EnumerateObject().Select(field => field.Name), Is.EqualTo(new[] { "time", "peer", "direction", "msgtype", "size", "id" }));
        Assert.That(lines[0].GetProperty("time").GetUInt64(), Is.EqualTo(Start));
        Assert.That(lines[0].GetProperty("peer").GetString(), Is.EqualTo("192.0.2.1_14495"));
        Assert.That(lines[0].GetProperty("direction").GetString(), Is.EqualTo("sent"));
        Assert.That(lines[0].GetProperty("id").GetString(), Is.EqualTo(MessageId.Compute([7]).ToString()));
        Assert.That(lines[1].GetProperty("msgtype").GetString(), Is.EqualTo("ping"));
        Assert.That(lines[1].GetProperty("size").GetInt32(), Is.EqualTo(8));
        Assert.That(lines[1].GetProperty("id").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(
            (await RunAsync(ExitCodes.Clean, file)).Output[1], Does.StartWith("9999-12-31T00:00:00.000000Z"), "No time is too late to be printed.");
    }

    [Test]
    public async Task What_can_be_read_of_a_damaged_file_is_printed_and_the_place_is_named()
    {
        string cut = Write("192.0.2.1_14495", "msgs_recv.dat", Record(Start, "verack", []), Record(Start + 1, "logos", [1, 2, 3])[..^1]);
        string wrong = Write(
            "192.0.2.1_14495", "msgs_sent.dat", Record(Start, "verack", []), HeaderOf(Start, "logos", WireLimits.MaxPayload + 1));

        ProgramResult result = await RunAsync(ExitCodes.Failed, _directory.Path);

        Assert.That(result.Output, Has.Count.EqualTo(2).And.All.Contains("verack"));
        Assert.That(
            result.Errors,
            Is.EqualTo(new[]
            {
                $"'{cut}' ends in the middle of a message, which begins at byte 24: a node is writing it, or was killed while it did.",
                $"'{wrong}': at byte 24 there is no message, or one of 4000001 bytes; the largest have 4000000.",
            }));
    }

    [Test]
    public async Task A_file_that_cannot_be_opened_hides_no_other_and_no_name_steers_a_terminal()
    {
        Write("esc\u001b[31m", "msgs_recv.dat", Record(Start, "verack", []));
        Directory.CreateSymbolicLink(_directory.File("data", "esc\u001b[31m", "msgs_sent.dat"), _directory.File("nowhere"));

        ProgramResult result = await RunAsync(ExitCodes.Failed, _directory.Path);

        Assert.That(result.Output.Single(), Does.Contain(@"  esc\u001b[31m "));
        Assert.That(result.Errors.Single(), Does.Contain(@"esc\u001b[31m/msgs_sent.dat"));
    }

    [Test]
    public async Task Where_there_is_nothing_to_read_that_is_said()
    {
        Assert.That(
            (await RunAsync(ExitCodes.Failed, _directory.Path)).Errors.Single(),
            Is.EqualTo($"'{_directory.Path}' has no captured messages in it. A node writes them with -capturemessages."));
        string other = Write("x", "peers.dat", [1]);
        Assert.That(
            (await RunAsync(ExitCodes.Failed, other)).Errors.Single(),
            Is.EqualTo($"'{other}': the name says neither recv nor sent, as those of captured messages do."));
        Assert.That(
            (await RunAsync(ExitCodes.Failed, _directory.File("msgs_recv.dat"))).Errors.Single(), Does.Contain("msgs_recv.dat"));
        Assert.That((await RunAsync(ExitCodes.BadUsage, "")).Errors[0], Is.EqualTo("The path is empty."));
    }

    [Test]
    public async Task What_a_node_wrote_can_be_printed_while_it_runs()
    {
        await using ProgramProcess node = ProgramProcess.StartNode(_directory.Path, "-connect=0", "-capturemessages");
        await using RawClient client = await RawClient.ConnectReadyAsync(await node.WaitForPortAsync());
        await client.SendAsync("logos", "seen"u8.ToArray());
        await client.PingAsync();

        ProgramResult result = await RunAsync(ExitCodes.Clean, _directory.Path);

        Assert.That(result.Output.Select(line => line.Split("  ", StringSplitOptions.RemoveEmptyEntries)[3]), Is.SupersetOf(
            new[] { "version", "verack", "logos", "ping", "pong" }));
        Assert.That(result.Output, Has.Some.EndsWith($"  {MessageId.Compute("seen"u8)}"));
        Assert.That(await node.StopAsync(), Is.Zero);
    }

    private static byte[] Record(ulong time, string command, byte[] payload) =>
        [.. HeaderOf(time, command, (uint)payload.Length), .. payload];

    private static byte[] HeaderOf(ulong time, string command, uint length) =>
        [.. RawBytes.U64(time), .. Encoding.ASCII.GetBytes(command.PadRight(12, '\0')), .. RawBytes.U32(length)];

    private string Write(string peer, string name, params byte[][] records)
    {
        string file = _directory.File("data", peer, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, [.. records.SelectMany(record => record)]);
        return file;
    }

    private static Task<ProgramResult> RunAsync(int exitCode, params string[] arguments) =>
        ProgramProcess.RunAsync(exitCode, ["capture", .. arguments]);
}
