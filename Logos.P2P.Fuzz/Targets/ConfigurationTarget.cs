using System.Text;
using Logos.P2P.Node.Configuration;
using Logos.P2P.Wire;

namespace Logos.P2P.Fuzz.Targets;

/// <summary>What an operator writes into logosp2p.conf. It is taken, or an error says in which line what is wrong.</summary>
internal sealed class ConfigurationTarget : OperatorTarget
{
    private const string Path = "x.conf";

    private static readonly string[] Examples =
    [
        "# a comment\nregtest=1\n[regtest]\naddnode=127.0.0.1:1\naddnode=127.0.0.1:2\n", "test.port=1\nmain.port=2\nport=3\n",
        "listen=0\nmaxconnections=8 # few\n", "[test]\nbind=[::]:1\nexternalip=8.8.8.8\n[main]\nnodnsseed=1\n",
        "rpcuser=a\nrpcpassword=b\nrpcallowip=10.0.0.0/8\nrpcbind=0.0.0.0:1\n", "whitelist=noban,relay@192.0.2.0/24\nrelay=push\n",
    ];

    public override string Name => "conf";

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
            Use(network, file.For(network), file.TopFor(network));
    }
}
