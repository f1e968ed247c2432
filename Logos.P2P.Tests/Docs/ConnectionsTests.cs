using System.Text.RegularExpressions;
using Logos.P2P.Access;
using NUnit.Framework;

namespace Logos.P2P.Tests.Docs;

/// <summary>The disconnection logic that is written down is the one there is.</summary>
internal sealed class ConnectionsTests
{
    private const int Decider = 0;
    private const int Discouraged = 1;

    private static readonly Lazy<string> Document = new(() => File.ReadAllText(Repository.Find("docs", "connections.md")));

    [TestCaseSource(nameof(Reasons))]
    public void It_says_of_each_reason_who_decides_and_whether_the_host_is_discouraged(DisconnectReason reason)
    {
        string[] cells = Rows("Disconnect reasons").Single(row => row.Name == reason.ToString()).Cells;

        Assert.That(cells[Decider], Is.Not.Empty);
        Assert.That(cells[Discouraged], Is.EqualTo(Discouragement.IsDeservedBy(reason) ? "yes" : ""));
    }

    [Test]
    public void It_names_no_reason_that_is_not_there() =>
        Assert.That(Rows("Disconnect reasons").Select(row => row.Name), Is.EquivalentTo(Enum.GetNames<DisconnectReason>()));

    [Test]
    public void It_has_the_slots_of_each_kind() =>
        Assert.That(Rows("Slots and kinds").Select(row => row.Name), Is.EquivalentTo(Enum.GetNames<ConnectionKind>()));

    private static DisconnectReason[] Reasons() => Enum.GetValues<DisconnectReason>();

    /// <summary>The rows of the table in a section: the name in front, and the cells after it.</summary>
    private static IEnumerable<(string Name, string[] Cells)> Rows(string section)
    {
        string text = Document.Value.Split($"\n## {section}\n")[1].Split("\n## ")[0];
        return Regex.Matches(text, @"^\| `(\w+)` \|(.*)\|$", RegexOptions.Multiline).Select(match => (
            match.Groups[1].Value, match.Groups[2].Value.Split('|', StringSplitOptions.TrimEntries)));
    }
}
