using Logos.P2P.Bench;
using NUnit.Framework;

namespace Logos.P2P.Tests.Bench;

internal sealed class TableTests
{
    private static readonly Table Sample = new(["name", "n"], [["a", "1,000"], ["longer", "-"]]);

    [Test]
    public void In_a_terminal_columns_are_one_below_the_other() => Assert.That(
        Sample.ToText(), Is.EqualTo("  name      n\n     a  1,000\nlonger      -"));

    [Test]
    public void In_Markdown_numbers_are_to_the_right() => Assert.That(
        Sample.ToMarkdown(), Is.EqualTo("| name | n |\n| --- | ---: |\n| a | 1,000 |\n| longer | - |"));

    [Test]
    public void Numbers_have_as_many_digits_as_mean_something()
    {
        Assert.That(Table.Whole(1234.6), Is.EqualTo("1,235"));
        Assert.That(Table.Tenths(1000.26), Is.EqualTo("1,000.3"));
        Assert.That(Table.Hundredths(1.005001), Is.EqualTo("1.01"));
        Assert.That(Table.Percent(0.123), Is.EqualTo("12 %"));
        Assert.That(Table.Percent(null), Is.EqualTo("-"));
    }
}
