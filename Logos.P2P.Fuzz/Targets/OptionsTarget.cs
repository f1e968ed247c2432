using System.CommandLine;
using System.Text;
using Logos.P2P.Discovery;
using Logos.P2P.Node;
using Logos.P2P.Node.Configuration;
using Logos.P2P.Wire;
using ProgramCommand = System.CommandLine.Command;

namespace Logos.P2P.Fuzz.Targets;

/// <summary>What an operator writes: the arguments of `logosp2p run`, one a line. Each is taken, or an error that says why not.</summary>
internal sealed class OptionsTarget : OperatorTarget
{
    private readonly OptionSyntax _options = new(OptionTable.ForNode);
    private readonly ProgramCommand _run = new("run");

    public OptionsTarget() => _options.AddTo(_run);

    public override string Name => "options";

    public override IReadOnlyCollection<string> Types =>
    [
        "Logos.P2P.Node.Configuration.OptionSyntax", "Logos.P2P.Node.Configuration.OptionValues",
        "Logos.P2P.Node.Configuration.NodeOptions", "Logos.P2P.Node.Control.ControlOptions", "Logos.P2P.Node.Views.ViewsOptions",
        "Logos.P2P.NodeSettings", "Logos.P2P.Access.Whitelist", "Logos.P2P.Discovery.FixedSeedList",
    ];

    public override int MaxLength => 256;

    private static readonly string[] Examples =
    [
        "-regtest\n-listen=0\n-connect=127.0.0.1:1", "-addnode=192.0.2.1:14495\n-maxconnections=8", "-nolisten\n-noconnect",
        "-whitelist=noban,relay@192.0.2.0/24", "-bind=[::]:1\n-port=0\n-externalip=8.8.8.8", "-onlynet=ipv4\n-dnsseed=0",
        "-rpcbind=127.0.0.1:1\n-rpcallowip=10.0.0.0/8\n-rpcuser=a\n-rpcpassword=b\n-rpcport=2\n-healthbind=0.0.0.0:9",
        "-relay=push\n-bantime=60\n-maxuploadtarget=5\n-maxmessagerate=1", "-testnet\n-privatenet\n-debug\n-logips", "--seednode\nexample.org",
    ];

    public override IEnumerable<byte[]> Seeds() => Examples.Select(Encoding.UTF8.GetBytes);

    public override IEnumerable<byte[]> Words() => OptionTable.ForNode.Select(option => Encoding.UTF8.GetBytes($"\n-{option.Name}="));

    public override void Run(ReadOnlySpan<byte> input)
    {
        string text = Encoding.UTF8.GetString(input);
        string[] arguments = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        ParseResult result = _run.Parse(OptionSyntax.Normalize(arguments), CommandLine.Parsing);
        if (result.Errors.Count > 0)
            Require(result.Errors.All(error => error.Message.Length > 0), "An error does not say what is wrong.");
        else
            Use(P2PNetwork.Main, _options.Read(result));

        try
        {
            FixedSeedList.Parse(text, P2PNetwork.Main.DefaultPort());
        }
        catch (FormatException e)
        {
            Require(e.Message.StartsWith("line ", StringComparison.Ordinal), "An error does not say where.");
        }
    }
}
