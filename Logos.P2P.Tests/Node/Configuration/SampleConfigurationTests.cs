using System.Text.RegularExpressions;
using Logos.P2P.Node.Configuration;
using NUnit.Framework;

namespace Logos.P2P.Tests.Node.Configuration;

/// <summary>The annotated configuration file that people start from.</summary>
internal sealed class SampleConfigurationTests
{
    [Test]
    public void The_one_in_the_documentation_is_what_the_program_writes()
    {
        Assert.That(
            File.ReadAllText(Repository.Find("docs", "logosp2p.conf")), Is.EqualTo(Written()),
            "Run: logosp2p sampleconf > docs/logosp2p.conf");
    }

    [Test]
    public void Every_option_is_in_it_once()
    {
        IEnumerable<string> named = Regex.Matches(Written(), "^#([a-z]+)=", RegexOptions.Multiline).Select(match => match.Groups[1].Value);

        Assert.That(named, Is.EquivalentTo(OptionTable.All.Where(option => option.IsConfigurable).Select(option => option.Name)));
    }

    [Test]
    public void As_it_is_it_says_nothing_and_without_the_marks_the_program_reads_all_of_it()
    {
        Assert.That(ConfigurationFile.Parse("f", Written().Split('\n')).Top, Is.Empty);
        string unmarked = Regex.Replace(Written(), "^#([a-z]+=)", "$1", RegexOptions.Multiline);

        ConfigurationFile file = ConfigurationFile.Parse("f", unmarked.Split('\n'));

        Assert.That(file.Top.Select(option => option.Key), Is.EquivalentTo(OptionTable.All.Where(option => option.IsConfigurable).Select(option => option.Name)));
        foreach (IGrouping<string, OptionValue> option in file.Top.Where(option => !option.Single().Text.StartsWith('<')))
            Assert.That(() => new OptionValues(new[] { option.Single() }.ToLookup(_ => option.Key)), Throws.Nothing, option.Key);
    }

    private static string Written()
    {
        var written = new StringWriter();
        SampleConfiguration.Write(written);
        return written.ToString();
    }
}
