using System.Text.Json;
using Logos.P2P.Node;
using Logos.P2P.Tests.Conformance;
using NUnit.Framework;

namespace Logos.P2P.Tests.Node;

/// <summary><c>logosp2p bans --offline</c>, as a process.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class BansCommandTests : IDisposable
{
    private const string Onion = "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion";

    private readonly TemporaryDirectory _directory = new();

    private string Data => _directory.Path;

    public void Dispose() => _directory.Dispose();

    [Test]
    public async Task Bans_are_added_listed_removed_and_cleared()
    {
        Assert.That((await RunAsync(ExitCodes.Clean)).Output, Is.Empty);
        Assert.That((await RunAsync(ExitCodes.Clean, "--json")).Output, Is.EqualTo(new[] { "[]" }));
        await RunAsync(ExitCodes.Clean, "add", "192.0.2.9/24", "--until", "4000000000");
        await RunAsync(ExitCodes.Clean, "add", Onion);
        await RunAsync(ExitCodes.Clean, "add", "2001:db8::1", "--for", "1000");

        ProgramResult list = await RunAsync(ExitCodes.Clean);
        Assert.That(list.Output, Has.Count.EqualTo(3));
        Assert.That(list.Output[0], Does.StartWith("2001:db8::1/128 20"));
        Assert.That(list.Output[1], Does.StartWith($"{Onion} 20"));
        Assert.That(list.Output[2], Is.EqualTo("192.0.2.0/24 2096-10-02T07:06:40Z"));

        using JsonDocument json = JsonDocument.Parse(
            string.Join('\n', (await RunAsync(ExitCodes.Clean, "--json")).Output));
        JsonElement ban = json.RootElement[0];
        Assert.That(ban.GetProperty("address").GetString(), Is.EqualTo("2001:db8::1/128"));
        Assert.That(ban.GetProperty("ban_duration").GetInt64(), Is.EqualTo(1000));
        Assert.That(ban.GetProperty("time_remaining").GetInt64(), Is.InRange(900, 1000));
        Assert.That(
            ban.GetProperty("banned_until").GetInt64() - ban.GetProperty("ban_created").GetInt64(), Is.EqualTo(1000));
        Assert.That(json.RootElement[1].GetProperty("ban_duration").GetInt64(), Is.EqualTo(24 * 60 * 60));

        await RunAsync(ExitCodes.Clean, "remove", "192.0.2.0/24");
        Assert.That((await RunAsync(ExitCodes.Clean, "clear")).Output, Is.EqualTo(new[] { "2 bans lifted." }));
        Assert.That((await RunAsync(ExitCodes.Clean)).Output, Is.Empty);
    }

    [Test]
    [Conformance("E4")]
    public async Task E4_what_cannot_be_done_is_told_and_the_exit_code_is_1()
    {
        await RunAsync(ExitCodes.Clean, "add", "192.0.2.0/24");

        ProgramResult again = await RunAsync(ExitCodes.Failed, "add", "192.0.2.7");
        Assert.That(again.Errors.Single(), Is.EqualTo("192.0.2.7/32 is banned already."));
        ProgramResult nothing = await RunAsync(ExitCodes.Failed, "remove", "192.0.2.7");
        Assert.That(nothing.Errors.Single(), Does.Contain("no ban of exactly 192.0.2.7/32").And.Contains("'logosp2p bans'"));
    }

    [TestCase("127.0.0.1/42", null, null, "'127.0.0.1/42' is not an address or subnet")]
    [TestCase("example.org", null, null, "'example.org' is not an address or subnet")]
    [TestCase("192.0.2.7", "--for", "0", "--for: '0' is not a number from 1")]
    [TestCase("192.0.2.7", "--for", "1d", "--for: '1d' is not a number")]
    [TestCase("192.0.2.7", "--for", "1 --until=4000000000", "--for and --until exclude each other.")]
    [TestCase("192.0.2.7", "--until", "1700000000", "--until: '1700000000' is not a number from")]
    [TestCase("192.0.2.7", "--until", "253402300800", "--until: '253402300800' is not a number")]
    [Conformance("E4")]
    public async Task E4_bad_input_is_told_and_the_exit_code_is_2(string subnet, string? option, string? value, string error)
    {
        string[] rest = option is null ? [] : [option, .. value!.Split(' ')];
        ProgramResult result = await RunAsync(ExitCodes.BadUsage, ["add", subnet, .. rest]);

        Assert.That(result.Errors[0], Does.StartWith(error));
        Assert.That(result.Errors[^1], Is.EqualTo("'logosp2p bans add --help' lists what there is."));
        Assert.That(Directory.EnumerateFileSystemEntries(Data), Is.Empty);
    }

    [TestCase("--json")]
    [TestCase("add", "192.0.2.7")]
    [TestCase("remove", "192.0.2.7")]
    [TestCase("clear")]
    public async Task A_directory_without_a_name_is_bad_usage(string command, params string[] rest)
    {
        ProgramResult result = await RunInAsync("", ExitCodes.BadUsage, [command, .. rest]);

        Assert.That(result.Errors[0], Is.EqualTo("Required argument missing for option: '-datadir'."));
    }

    [TestCase("--json")]
    [TestCase("remove", "192.0.2.7")]
    [TestCase("clear")]
    public async Task A_directory_that_does_not_exist_is_told_and_not_made(string command, params string[] rest)
    {
        string missing = Path.Combine(Data, "misspelt");

        ProgramResult result = await RunInAsync(missing, ExitCodes.Failed, [command, .. rest]);

        Assert.That(result.Errors.Single(), Does.Contain($"no data directory '{missing}'").And.Contain("-datadir"));
        Assert.That(Directory.Exists(missing), Is.False);
    }

    [Test]
    public async Task A_running_node_has_the_bans_and_they_can_be_listed_but_not_changed()
    {
        await RunAsync(ExitCodes.Clean, "add", "-regtest", "127.0.0.1");
        await using ProgramProcess node = ProgramProcess.StartNode(Data, "-connect=0", "-whitelist=relay@192.0.2.0/24", "-bantime=5");
        int port = await node.WaitForPortAsync();

        await using Raw.RawClient client = await Raw.RawClient.ConnectAsync(port);
        await client.ReadToEndAsync();
        Assert.That((await RunAsync(ExitCodes.Clean, "-regtest")).Output, Has.Count.EqualTo(1));
        ProgramResult add = await RunAsync(ExitCodes.Failed, "add", "-regtest", "192.0.2.7");
        Assert.That(add.Errors.Single(), Does.Contain("in use by another node"));
        Assert.That(await node.StopAsync(), Is.Zero);
        await RunAsync(ExitCodes.Clean, "remove", "-regtest", "127.0.0.1");
    }

    private Task<ProgramResult> RunAsync(int exitCode, params string[] arguments) => RunInAsync(Data, exitCode, arguments);

    private static Task<ProgramResult> RunInAsync(string directory, int exitCode, params string[] arguments) =>
        ProgramProcess.RunAsync(exitCode, ["bans", .. arguments, "--offline", $"-datadir={directory}"]);
}
