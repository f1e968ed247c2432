using System.Text.RegularExpressions;
using Logos.P2P.Access;
using Logos.P2P.Node;
using NUnit.Framework;

namespace Logos.P2P.Tests.Docs;

/// <summary>What a node can say or be told is in the reference, or an operator cannot look it up.</summary>
internal sealed class ReferenceTests
{
    private static readonly Lazy<string> Reference = new(() => File.ReadAllText(Repository.Find("docs", "reference.md")));

    private static IEnumerable<string> Names() =>
    [
        .. Enum.GetNames<DropReason>(), .. Enum.GetNames<ConnectionKind>(),
        .. Enum.GetNames<Verdict>(), .. Enum.GetNames<AdmissionDecision>(), .. new NodeOptions().Names.Select(name => $"-{name}"),
    ];

    [TestCaseSource(nameof(Names))]
    public void It_names(string name) =>
        Assert.That(Reference.Value, Does.Match($"`{Regex.Escape(name)}[`=]"));

    [Test]
    public void It_names_no_option_that_is_not_there()
    {
        string[] options = [.. new NodeOptions().Names];
        IEnumerable<string> named = Regex.Matches(Reference.Value, @"^\| `-([a-z]+)", RegexOptions.Multiline)
            .Select(match => match.Groups[1].Value);

        Assert.That(named, Is.Not.Empty.And.All.AnyOf(options));
    }
}
