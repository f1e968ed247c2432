using Logos.P2P.Node;
using NUnit.Framework;

namespace Logos.P2P.Tests.Node;

internal sealed class SpellingTests
{
    [TestCase("chek", "check")]
    [TestCase("chekc", "check")]
    [TestCase("hsow", "show")]
    [TestCase("exprot", "export")]
    [TestCase("improt", "import")]
    [TestCase("wohs", null)]
    [TestCase("peek", null)]
    public void A_slip_is_understood_and_another_word_is_not(string word, string? meant) =>
        Assert.That(Spelling.Nearest(word, ["show", "check", "export", "import", "sample"]), Is.EqualTo(meant));
}
