using System.Text;
using Logos.P2P.Fuzz.Engine;
using Logos.P2P.Node.Configuration;
using Logos.P2P.Node.Control;
using Logos.P2P.Node.Views;
using Logos.P2P.Wire;

namespace Logos.P2P.Fuzz.Targets;

/// <summary>What an operator writes into logosp2p.conf. It is taken, or an error says in which line what is wrong.</summary>
internal sealed class ConfigurationTarget : FuzzTarget
{
    private const string Path = "x.conf";

    private static readonly string[] Examples =
    [
        "# a comment\nregtest=1\n[regtest]\naddnode=127.0.0.1:1\naddnode=127.0.0.1:2\n", "test.port=1\nmain.port=2\nport=3\n",
        "listen=0\nmaxconnections=8 # few\n", "[test]\nbind=[::]:1\nexternalip=8.8.8.8\n[main]\nnodnsseed=1\n",
        "rpcuser=a\nrpcpassword=b\nrpcallowip=10.0.0.0/8\nrpcbind=0.0.0.0:1\n", "whitelist=noban,relay@192.0.2.0/24\nrelay=push\n",
    ];

    public override string Name => "conf";

    public override IReadOnlyCollection<string> Assemblies => ["Logos.P2P", "logosp2p"];

    public override IReadOnlyCollection<string> Types =>
    [
        "Logos.P2P.Node.Configuration.ConfigurationFile", "Logos.P2P.Node.Configuration.Names", "Logos.P2P.Node.Configuration.Spelling",
        "Logos.P2P.Node.Configuration.OptionValues", "Logos.P2P.Node.Configuration.NodeOptions", "Logos.P2P.NodeSettings",
    ];

    public override int MaxLength => 512;

    public override IEnumerable<byte[]> Seeds() => Examples.Select(Encoding.UTF8.GetBytes);

    public override IEnumerable<byte[]> Words() =>
    [
        .. OptionTable.ForNode.Select(option => Encoding.UTF8.GetBytes($"\n{option.Name}=")),
        .. Enum.GetNames<P2PNetwork>().Select(network => Encoding.UTF8.GetBytes($"\n[{network.ToLowerInvariant()}]\n")),
    ];

    /// <summary>A word that is no option is compared with all that there are, for a hint.</summary>
    public override long MostAllocated(int length) => (1024 * 1024) + (16 * 1024L * length);

    public override void Run(ReadOnlySpan<byte> input)
    {
        string[] lines = Encoding.UTF8.GetString(input).Split('\n');
        ConfigurationFile file;
        try
        {
            file = ConfigurationFile.Parse(Path, lines);
        }
        catch (OptionException e)
        {
            Require(e.Message.StartsWith($"{Path}:", StringComparison.Ordinal), "An error does not say where.");
            return;
        }

        foreach (P2PNetwork network in Enum.GetValues<P2PNetwork>())
        {
            try
            {
                var values = new OptionValues(file.For(network), file.TopFor(network));
                NodeSettings.From(NodeOptions.Read(values, network));
                ControlOptions.Read(values, network);
                ViewsOptions.Read(values, network);
            }
            catch (Exception e) when (e is ArgumentException or OptionException)
            {
                Require(e.Message.Length > 0, "An error does not say what is wrong.");
            }
        }
    }
}
