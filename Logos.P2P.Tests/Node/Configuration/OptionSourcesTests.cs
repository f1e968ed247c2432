using Logos.P2P.Node.Configuration;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Node.Configuration;

/// <summary>The command line outranks the environment, and that the configuration file.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class OptionSourcesTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Dictionary<string, string> _environment = [];

    public void Dispose() => _directory.Dispose();

    [Test]
    public void Of_three_who_speak_the_command_line_is_heard_then_the_environment_then_the_file()
    {
        WriteFile("maxoutbound=1\nmaxquiet=1\nmaxfeelers=1");
        _environment["LOGOSP2P_OPT_MAXOUTBOUND"] = "2";
        _environment["LOGOSP2P_OPT_MAXQUIET"] = "2";

        OptionValues values = Read("maxoutbound=3").Values;

        Assert.That(
            new[] { OptionTable.MaxOutbound, OptionTable.MaxQuiet, OptionTable.MaxFeelers }.Select(values.Number),
            Is.EqualTo(new long?[] { 3, 2, 1 }));
    }

    [Test]
    public void Lists_add_up_the_weakest_first_until_one_is_dropped()
    {
        WriteFile("addnode=a\nseednode=d");
        _environment["LOGOSP2P_OPT_ADDNODE"] = "b  c";

        OptionValues values = Read("addnode=e", "seednode=0", "seednode=f").Values;

        Assert.That(values.Texts(OptionTable.AddNode), Is.EqualTo(new[] { "a", "b", "c", "e" }));
        Assert.That(values.Texts(OptionTable.SeedNode), Is.EqualTo(new[] { "f" }));
    }

    [Test]
    public void Connect_0_on_the_command_line_drops_the_peers_of_the_file_and_stays()
    {
        WriteFile("connect=a");

        Assert.That(Read("connect=0").Values.Texts(OptionTable.Connect), Is.EqualTo(new[] { "0" }));
    }

    [Test]
    public void A_section_outranks_what_stands_above_it_and_is_for_its_network_only()
    {
        WriteFile("regtest=1\nport=1\nmaxoutbound=1\nbantime=5\n[regtest]\nport=2\nmaxoutbound=2\n[test]\nbantime=6");

        OptionSources sources = Read();

        Assert.That(sources.Network, Is.EqualTo(P2PNetwork.Regtest));
        Assert.That(sources.Values.Number(OptionTable.Port), Is.EqualTo(2));
        Assert.That(sources.Values.Number(OptionTable.MaxOutbound), Is.EqualTo(2));
        Assert.That(sources.Values.Number(OptionTable.BanTime), Is.EqualTo(5));
        Assert.That(sources.Warnings.Single(), Does.EndWith("logosp2p.conf:2: port is for the main network only; write it below [regtest]."));
    }

    [Test]
    public void The_file_may_have_another_name_and_then_must_be_there()
    {
        Assert.That(() => Read("conf=other.conf"), Throws.InstanceOf<OptionException>().With.Message.StartsWith("-conf: "));
        File.WriteAllText(_directory.File("other.conf"), "bantime=7");

        Assert.That(Read("conf=other.conf").Values.Number(OptionTable.BanTime), Is.EqualTo(7));
        Assert.That(Read().File, Is.Null, "Nobody has to have one.");
    }

    [TestCase("LOGOSP2P_OPT_PROT", "1", "LOGOSP2P_OPT_PROT: there is no option 'prot'. Did you mean port?")]
    [TestCase("LOGOSP2P_OPT_ASMAP", "", "LOGOSP2P_OPT_ASMAP: there is no value.")]
    [TestCase("LOGOSP2P_OPT_PORT", "x", "LOGOSP2P_OPT_PORT: 'x' is not a number from 0 to 65535.")]
    public void A_variable_that_cannot_be_is_told(string name, string value, string error)
    {
        _environment[name] = value;

        Assert.That(() => Read(), Throws.InstanceOf<OptionException>().With.Message.EqualTo(error));
    }

    [TestCase("LOGOSP2P_PORT", "tcp://192.0.2.1:14495")]
    [TestCase("LOGOSP2P_SERVICE_HOST", "192.0.2.1")]
    public void The_variables_that_Kubernetes_makes_of_a_service_of_our_name_mean_nothing(string name, string value)
    {
        _environment[name] = value;

        Assert.That(Read().Values.Has(OptionTable.Port), Is.False);
    }

    [Test]
    public void An_error_in_the_file_names_file_and_line()
    {
        WriteFile("\nport=x");

        Assert.That(
            () => Read(),
            Throws.InstanceOf<OptionException>().With.Message.EqualTo(
                $"{_directory.File("logosp2p.conf")}:2: port: 'x' is not a number from 0 to 65535."));
    }

    private void WriteFile(string text) => File.WriteAllText(_directory.File("logosp2p.conf"), text);

    private OptionSources Read(params string[] arguments) => OptionSources.Read(
        arguments.Append($"datadir={_directory.Path}").Select(argument => argument.Split('=', 2))
            .ToLookup(parts => parts[0], parts => new OptionValue(parts[1], $"-{parts[0]}")),
        _environment);
}
