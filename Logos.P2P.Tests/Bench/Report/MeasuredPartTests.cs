using Logos.P2P.Bench.Report;
using NUnit.Framework;

namespace Logos.P2P.Tests.Bench.Report;

internal sealed class MeasuredPartTests
{
    private const string Begin = "<!-- measured: written by eng/performance -->";
    private const string End = "<!-- end of measured -->";

    [Test]
    public void Only_what_is_between_the_marks_is_replaced() => Assert.That(
        MeasuredPart.Replace($"before\n{Begin}\nold\n{End}\nafter\n", "new\n"), Is.EqualTo($"before\n{Begin}\nnew\n{End}\nafter\n"));

    [TestCase("no marks")]
    [TestCase(Begin)]
    [TestCase(End + Begin)]
    public void A_page_without_such_a_part_is_refused(string page) =>
        Assert.That(() => MeasuredPart.Replace(page, "new"), Throws.InstanceOf<InvalidDataException>());

    [Test]
    public void The_page_about_performance_has_one()
    {
        string page = File.ReadAllText(Repository.Find("docs", "performance.md"));

        Assert.That(MeasuredPart.Replace(page, "measured"), Does.Contain($"{Begin}\nmeasured\n{End}"));
    }
}
