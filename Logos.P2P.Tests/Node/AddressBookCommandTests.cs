using System.Text.Json;
using Logos.P2P.AddrMan;
using Logos.P2P.Node;
using Logos.P2P.Storage;
using Logos.P2P.Tests.AddrMan;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Node;

/// <summary><c>logosp2p addressbook</c>, as a process.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class AddressBookCommandTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string PeersFile => _directory.File("peers.dat");

    private string Data => _directory.File("data");

    private string Database => _directory.File("data", "regtest", "data.mdb");

    public void Dispose() => _directory.Dispose();

    [Test]
    public async Task Addresses_go_from_a_file_into_a_directory_and_back()
    {
        PeersImage sample = AddressBookSample.Make();
        string[] addresses = [.. sample.Entries.Select(entry => entry.Endpoint.ToString())];
        await RunAsync(ExitCodes.Clean, "sample", PeersFile);

        ProgramResult import = await RunAsync(ExitCodes.Clean, "import", "-regtest", PeersFile, Data);
        // A database has a key of its own, and under one of some hundred keys two of the addresses belong in one place.
        for (int keys = 1; keys < 5 && import.Output.Single().EndsWith("1 dropped for want of a free place.", StringComparison.Ordinal); keys++)
        {
            Directory.Delete(Data, recursive: true);
            import = await RunAsync(ExitCodes.Clean, "import", "-regtest", PeersFile, Data);
        }

        Assert.That(import.Output.Single(), Does.Contain($"{addresses.Length} addresses added, 0 known before, 0 dropped"));
        Assert.That(import.Errors.Single(), Does.Contain($"'{PeersFile}' has addresses of Main; taking them into Regtest"));
        import = await RunAsync(ExitCodes.Clean, "import", "-regtest", PeersFile, Data);
        Assert.That(import.Output.Single(), Does.Contain($"0 addresses added, {addresses.Length} known before"));

        Assert.That((await RunAsync(ExitCodes.Clean, "show", "-regtest", Data)).Output, Is.EquivalentTo(addresses));
        Assert.That(
            (await RunAsync(ExitCodes.Clean, "check", "-regtest", Data)).Output.Single(),
            Does.StartWith($"'{Database}' is sound: Regtest, {addresses.Length} addresses"));

        string copy = _directory.File("copy");
        await RunAsync(ExitCodes.Clean, "export", "-regtest", Data, copy);
        Assert.That((await RunAsync(ExitCodes.Clean, "show", copy)).Output, Is.EquivalentTo(addresses));
        Assert.That(
            (await RunAsync(ExitCodes.Clean, "check", copy)).Output.Single(),
            Does.StartWith($"'{copy}' is sound: Regtest, {addresses.Length} addresses"));
    }

    [Test]
    public async Task On_main_the_sample_is_dropped_as_not_routable()
    {
        await RunAsync(ExitCodes.Clean, "sample", PeersFile);
        ProgramResult import = await RunAsync(ExitCodes.Clean, "import", PeersFile, Data);
        Assert.That(
            import.Output.Single(),
            Does.Contain($"0 addresses added, 0 known before, {AddressBookSample.Make().Entries.Count} dropped as not routable on Main"));
    }

    [Test]
    public void The_sample_in_the_repository_is_what_the_command_makes()
    {
        byte[] made = Logos.P2P.AddrMan.PeersFile.Write(AddressBookSample.Make(), P2PNetwork.Main);

        Assert.That(File.ReadAllBytes(Repository.Find("peers.dat.sample")), Is.EqualTo(made), "logosp2p addressbook sample peers.dat.sample");
    }

    [Test]
    public void The_sample_has_addresses_of_every_range_for_documentation_and_no_others()
    {
        NetAddress[] addresses = [.. AddressBookSample.Make().Entries.Select(entry => entry.Endpoint.Address)];

        Assert.That(addresses.All(address => address.IsDocumentation), Is.True);
        foreach (string range in new[] { "192.0.2.", "198.51.100.", "203.0.113.", "2001:db8:" })
            Assert.That(addresses.Select(address => address.ToString()), Has.Some.StartsWith(range));
        Assert.That(AddressBookSample.Make().Entries.Any(entry => entry.InTried), Is.True);
    }

    [Test]
    public async Task All_fields_are_shown_as_json_except_the_key()
    {
        await RunAsync(ExitCodes.Clean, "sample", "-testnet", PeersFile);
        AddressEntry tried = AddressBookSample.Make().Entries.First(entry => entry.InTried);

        ProgramResult show = await RunAsync(ExitCodes.Clean, "show", PeersFile, "--json");

        using JsonDocument json = JsonDocument.Parse(string.Join('\n', show.Output));
        Assert.That(json.RootElement.GetProperty("network").GetString(), Is.EqualTo("test"));
        Assert.That(json.RootElement.GetProperty("grouping").GetString(), Is.EqualTo("prefix"));
        JsonElement entry = json.RootElement.GetProperty("addresses").EnumerateArray()
            .Single(entry => entry.GetProperty("address").GetString() == tried.Endpoint.ToString());
        Assert.That(entry.GetProperty("services").GetString(), Is.EqualTo("0000000001000000"));
        Assert.That(entry.GetProperty("time").GetUInt32(), Is.EqualTo(tried.Address.Time));
        Assert.That(entry.GetProperty("source").GetString(), Is.EqualTo(tried.Source.ToString()));
        Assert.That(entry.GetProperty("lastTry").GetInt64(), Is.EqualTo(tried.LastTry));
        Assert.That(entry.GetProperty("lastSuccess").GetInt64(), Is.EqualTo(tried.LastSuccess));
        Assert.That(entry.GetProperty("attempts").GetInt32(), Is.Zero);
        Assert.That(entry.GetProperty("table").GetString(), Is.EqualTo("tried"));
        Assert.That(entry.GetProperty("newBuckets").GetArrayLength(), Is.Zero);
        Assert.That(show.Output.Any(line => line.Contains("key", StringComparison.OrdinalIgnoreCase)), Is.False);
    }

    [Test]
    public async Task Whatever_is_wrong_is_said_and_the_exit_code_is_1()
    {
        await RunAsync(ExitCodes.Clean, "sample", PeersFile);
        byte[] bytes = await File.ReadAllBytesAsync(PeersFile);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(PeersFile, bytes);
        await AssertFailsAsync(["check", PeersFile], PeersFile, "checksum");
        await AssertFailsAsync(["show", PeersFile], PeersFile, "checksum");
        await AssertFailsAsync(["import", PeersFile, Data], PeersFile, "checksum");
        await AssertFailsAsync(["check", _directory.File("none")], "none", "no file");
        await AssertFailsAsync(["check", _directory.Path], _directory.Path, "no address book of Main");
        await AssertFailsAsync(["export", _directory.Path, PeersFile], _directory.Path, "no address book of Main");
        await AssertFailsAsync(["sample", _directory.File("none", "x")], "none", "cannot be written");

        bytes[5] = 34;
        await File.WriteAllBytesAsync(PeersFile, bytes);
        await AssertFailsAsync(["check", PeersFile], PeersFile, "format");
        Assert.That(File.Exists(PeersFile), Is.True, "Looking moves nothing.");
    }

    [Test]
    public async Task A_data_directory_that_has_only_a_peers_dat_is_sound()
    {
        string snapshot = Path.Combine(Path.GetDirectoryName(Database)!, "peers.dat");
        Directory.CreateDirectory(Path.GetDirectoryName(Database)!);
        await RunAsync(ExitCodes.Clean, "sample", "-regtest", snapshot);
        int count = AddressBookSample.Make().Entries.Count;

        Assert.That(
            (await RunAsync(ExitCodes.Clean, "check", "-regtest", Data)).Output.Single(),
            Does.StartWith($"'{snapshot}' is sound: Regtest, {count} addresses"));
        Assert.That((await RunAsync(ExitCodes.Clean, "show", "-regtest", Data)).Output, Has.Count.EqualTo(count));

        foreach (string told in new[] { $"{count} addresses added, 0 known", $"0 addresses added, {count} known" })
        {
            ProgramResult import = await RunAsync(ExitCodes.Clean, "import", "-regtest", snapshot, Data);
            Assert.That(import.Output.Single(), Does.Contain(told));
            Assert.That(snapshot, Does.Exist, "What is imported stays where it is.");
        }
    }

    [Test]
    public async Task Of_a_data_directory_every_file_that_is_bad_is_named_and_every_other_one_is_sound()
    {
        string snapshot = Path.Combine(Path.GetDirectoryName(Database)!, "peers.dat");
        Directory.CreateDirectory(Path.GetDirectoryName(Database)!);
        await File.WriteAllTextAsync(Database, "bad");
        await RunAsync(ExitCodes.Clean, "sample", "-regtest", snapshot);
        ProgramResult check = await RunAsync(ExitCodes.Failed, "check", "-regtest", Data);
        Assert.That(check.Errors.Single(), Does.Contain(Database));
        Assert.That(check.Output.Single(), Does.StartWith($"'{snapshot}' is sound"));

        await File.WriteAllTextAsync(snapshot, "bad");
        check = await RunAsync(ExitCodes.Failed, "check", "-regtest", Data);
        Assert.That(check.Errors, Has.Count.EqualTo(2));
        Assert.That(check.Errors, Has.One.Contains(Database).And.One.Contains(snapshot));
    }

    [Test]
    public async Task Files_of_the_wrong_network_are_refused_except_by_regtest()
    {
        await RunAsync(ExitCodes.Clean, "sample", "-testnet", PeersFile);
        await AssertFailsAsync(["check", "-regtest", PeersFile], PeersFile, "Test");
        await AssertFailsAsync(["import", PeersFile, Data], PeersFile, "Test");
        Assert.That(Directory.Exists(Data), Is.False);
    }

    [Test]
    public async Task A_damaged_entry_in_the_database_is_counted()
    {
        using (LmdbStore store = LmdbStore.Open(Path.GetDirectoryName(Database)!, P2PNetwork.Regtest, () => new byte[32]))
        {
            var book = new Book();
            book.Add("20.1.1.1");
            book.Add("30.1.1.1");
            store.SaveAddresses(book.Manager.TakeChanges(), "endpoint");
        }

        // The address in the value: the one in the key stays.
        byte[] file = await File.ReadAllBytesAsync(Database);
        int at = file.AsSpan().LastIndexOf(new byte[] { 1, 0, 1, 4, 20, 1, 1, 1 });
        file[at + 7]++;
        await File.WriteAllBytesAsync(Database, file);

        await AssertFailsAsync(["check", "-regtest", Data], Database, "1 addresses are damaged; 1 are sound");
        Assert.That((await RunAsync(ExitCodes.Clean, "show", "-regtest", Data)).Output, Is.EqualTo((string[])["30.1.1.1:14495"]));
    }

    [Test]
    public async Task A_running_node_can_be_looked_at_but_nothing_is_put_into_its_book()
    {
        await RunAsync(ExitCodes.Clean, "sample", PeersFile);
        await RunAsync(ExitCodes.Clean, "import", "-regtest", PeersFile, Data);
        await using ProgramProcess node = ProgramProcess.StartNode(Data, "-connect=0");
        await node.WaitForPortAsync();

        Assert.That((await RunAsync(ExitCodes.Clean, "show", "-regtest", Data)).Output, Has.Count.GreaterThan(20));
        await RunAsync(ExitCodes.Clean, "check", "-regtest", Data);
        await AssertFailsAsync(["import", "-regtest", PeersFile, Data], Path.GetDirectoryName(Database)!, "in use by another node");
        Assert.That(await node.StopAsync(), Is.Zero);
    }

    [TestCase("show")]
    [TestCase("peek")]
    [TestCase("check", "-testnet", "-regtest", "x")]
    [TestCase("show", "x", "-privatenet")]
    [TestCase("show", "")]
    [TestCase("check", "")]
    [TestCase("export", "x", "")]
    [TestCase("export", "", "x")]
    [TestCase("import", "-regtest", "x", "")]
    [TestCase("import", "-regtest", "", "x")]
    [TestCase("sample", "")]
    public async Task Bad_usage_is_told(params string[] arguments)
    {
        ProgramResult result = await RunAsync(ExitCodes.BadUsage, arguments);

        Assert.That(result.Errors[^1], Does.StartWith("'logosp2p addressbook").And.Contains("--help"));
    }

    [TestCase(10)]
    [TestCase(300, Explicit = true, Category = "Long", Reason = "It takes minutes.")]
    public async Task No_damage_to_a_database_kills_the_program(int times)
    {
        await RunAsync(ExitCodes.Clean, "sample", PeersFile);
        await RunAsync(ExitCodes.Clean, "import", "-regtest", PeersFile, Data);
        byte[] whole = await File.ReadAllBytesAsync(Database);
        int refused = 0;
        for (int seed = 1; seed <= times; seed++)
        {
            var random = new Random(seed);
            byte[] damaged = [.. whole];
            for (int i = random.Next(1, 400); i > 0; i--)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            await File.WriteAllBytesAsync(Database, damaged);

            await using ProgramProcess program = ProgramProcess.Start("addressbook", "check", "-regtest", Data);
            int exit = await program.WaitForExitAsync();
            Assert.That(exit, Is.AnyOf(ExitCodes.Clean, ExitCodes.Failed), $"seed {seed}");
            if (exit == ExitCodes.Failed)
            {
                Assert.That(program.Errors.Lines.Single(), Does.Contain(Database), $"seed {seed}");
                refused++;
            }
        }

        TestContext.Out.WriteLine($"{times} damaged databases: {refused} refused, {times - refused} sound where it matters, 0 crashes");
        Assert.That(refused, Is.Positive);
    }

    private static async Task AssertFailsAsync(string[] arguments, params string[] words)
    {
        ProgramResult result = await RunAsync(ExitCodes.Failed, arguments);
        // The log is written by a thread of its own, so its lines may come last.
        foreach (string word in words)
            Assert.That(result.Errors, Has.Some.Contains(word));
        Assert.That(result.Output, Is.Empty);
    }

    private static Task<ProgramResult> RunAsync(int exitCode, params string[] arguments) =>
        ProgramProcess.RunAsync(exitCode, ["addressbook", .. arguments]);
}
