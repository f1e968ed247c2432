using System.Collections.Immutable;
using Logos.P2P.Fuzz.Engine;
using Logos.P2P.Node.Configuration;
using Logos.P2P.Node.Control;
using Logos.P2P.Node.Views;
using Logos.P2P.Wire;

namespace Logos.P2P.Fuzz.Targets;

/// <summary>Options as an operator writes them, wherever he does. Each is taken, or an error says why not.</summary>
internal abstract class OperatorTarget : FuzzTarget
{
    public override IReadOnlyCollection<string> Assemblies => ["Logos.P2P", "logosp2p"];

    /// <summary>
    /// The parser of the command line makes an object of each word, and of each option that is not given; and a word that is no option
    /// is compared with all that there are, for a hint.
    /// </summary>
    public override long MostAllocated(int length) => (1024 * 1024) + (16 * 1024L * length);

    /// <summary>Makes of options what a program does that starts a node on a network.</summary>
    protected static void Use(P2PNetwork network, params ImmutableArray<ILookup<string, OptionValue>> sources)
    {
        try
        {
            var values = new OptionValues(sources);
            NodeSettings.From(NodeOptions.Read(values, network));
            ControlOptions.Read(values, network);
            ViewsOptions.Read(values, network);
        }
        catch (Exception e) when (e is ArgumentException or OptionException)
        {
            // What the parser cannot know, such as options that exclude each other.
            Require(e.Message.Length > 0, "An error does not say what is wrong.");
        }
    }
}
