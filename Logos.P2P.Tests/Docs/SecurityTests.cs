using System.Text.RegularExpressions;
using NUnit.Framework;

namespace Logos.P2P.Tests.Docs;

/// <summary>What the security model says is shown, is shown by tests that there are.</summary>
internal sealed class SecurityTests
{
    private static readonly Lazy<HashSet<string>> Tests = new(() =>
        [.. typeof(SecurityTests).Assembly.GetTypes().SelectMany(type => type.GetMethods()).Select(method => method.Name)]);

    [TestCaseSource(nameof(Names))]
    public void Each_test_that_it_names_is_there(string name) => Assert.That(Tests.Value, Does.Contain(name));

    [Test]
    public void Every_threat_says_what_is_left() => Assert.That(
        Threats.Where(threat => !threat.Contains("*Left*", StringComparison.Ordinal)).Select(threat => threat.Split('\n')[0]), Is.Empty);

    private static string Document => File.ReadAllText(Repository.Find("docs", "security.md"));

    /// <summary>The sections behind the first, which says who is trusted.</summary>
    private static IEnumerable<string> Threats => Document.Split("\n## ").Skip(2);

    private static IEnumerable<string> Names() =>
        Regex.Matches(Document, "`([A-Z]\\w*_\\w+)`").Select(match => match.Groups[1].Value).Distinct()
            .Where(name => !name.StartsWith("NODE_", StringComparison.Ordinal));
}
