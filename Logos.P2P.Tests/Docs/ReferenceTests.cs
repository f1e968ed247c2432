using System.Text.RegularExpressions;
using Logos.P2P.Access;
using Logos.P2P.Node.Configuration;
using NUnit.Framework;

namespace Logos.P2P.Tests.Docs;

/// <summary>What a node can say or be told is in the reference, or an operator cannot look it up.</summary>
internal sealed class ReferenceTests
{
    private static readonly Lazy<string> Reference = new(() => File.ReadAllText(Repository.Find("docs", "reference.md")));

    private static IEnumerable<string> Names() =>
    [
        .. Enum.GetNames<DropReason>(), .. Enum.GetNames<ConnectionKind>(),
        .. Enum.GetNames<Verdict>(), .. Enum.GetNames<AdmissionDecision>(), .. OptionTable.All.Select(option => $"-{option.Name}"),
    ];

    [TestCaseSource(nameof(Names))]
    public void It_names(string name) =>
        Assert.That(Reference.Value, Does.Match($"`{Regex.Escape(name)}[`=]"));

    [Test]
    public void It_explains_each_option_once_and_none_that_is_not_there()
    {
        IEnumerable<string> rows = Regex.Matches(Reference.Value, @"^\| (`-[^|]*) \|", RegexOptions.Multiline)
            .SelectMany(match => Regex.Matches(match.Groups[1].Value, "`-([a-z]+)"))
            .Select(match => match.Groups[1].Value);

        Assert.That(rows, Is.EquivalentTo(OptionTable.All.Select(option => option.Name)));
    }
}
