using System.Text;
using Logos.P2P.Node;
using NUnit.Framework;

namespace Logos.P2P.Tests.Node;

/// <summary>Strangers write messages; a terminal obeys what it prints.</summary>
internal sealed class LineTextTests
{
    private static IEnumerable<TestCaseData> Lines()
    {
        yield return Line("nothing", "", "");
        yield return Line("text", "hello", "hello");
        yield return Line("text of any script", "grüße, 你好, \ud83d\ude00", "grüße, 你好, \ud83d\ude00");
        yield return Line("line feed", "two\nlines", "two\\u000alines");
        yield return Line("carriage return", "over\rwritten", "over\\u000dwritten");
        yield return Line("tab", "a\tb", "a\\u0009b");
        yield return Line("escape sequences", "\u001b[2J\u001b]0;title\u0007", "\\u001b[2J\\u001b]0;title\\u0007");
        yield return Line("backspace", "back\b\b\b\bspace", "back\\u0008\\u0008\\u0008\\u0008space");
        yield return Line("DEL", "DEL\u007f", "DEL\\u007f");
        yield return Line("NUL", "\u0000", "\\u0000");
        yield return Line("CSI in one character", "\u009b2J", "\\u009b2J");
        yield return Line("next line", "\u0085", "\\u0085");
    }

    [TestCaseSource(nameof(Lines))]
    public void Only_what_is_text_is_printed_as_it_is(string message, string line) =>
        Assert.That(LineText.FromMessage(Encoding.UTF8.GetBytes(message)), Is.EqualTo(line));

    [TestCase(0x2028, Description = "line separator")]
    [TestCase(0x2029, Description = "paragraph separator")]
    [TestCase(0x202A, Description = "embedding")]
    [TestCase(0x202E, Description = "text that runs backwards")]
    [TestCase(0x2066, Description = "isolate")]
    [TestCase(0x2069, Description = "end of isolate")]
    public void What_breaks_or_turns_a_line_is_shown_as_a_number(int character) => Assert.That(
        LineText.FromMessage(Encoding.UTF8.GetBytes($"a{(char)character}b")), Is.EqualTo($"a\\u{character:x4}b"));

    [TestCase(0x200D, Description = "joins emoji")]
    [TestCase(0x200F, Description = "right-to-left mark")]
    [TestCase(0x202F, Description = "narrow space")]
    public void What_scripts_need_is_printed(int character) => Assert.That(
        LineText.FromMessage(Encoding.UTF8.GetBytes($"a{(char)character}b")), Is.EqualTo($"a{(char)character}b"));

    [TestCase("ff", "\ufffd")]
    [TestCase("61c0af62", "a\ufffd\ufffdb")]
    [TestCase("9b324a", "\ufffd2J")]
    [TestCase("eda080", "\ufffd\ufffd\ufffd")]
    public void Bytes_that_are_no_text_are_shown_as_such(string hex, string line) =>
        Assert.That(LineText.FromMessage(Convert.FromHexString(hex)), Is.EqualTo(line));

    [Test]
    public void Whatever_the_message_its_line_has_nothing_that_steers()
    {
        var random = new Random(1);
        byte[] message = new byte[64];
        for (int i = 0; i < 10_000; i++)
        {
            random.NextBytes(message);
            string line = LineText.FromMessage(message);
            Assert.That(line.Any(char.IsControl), Is.False, () => Convert.ToHexString(message));
        }
    }

    private static TestCaseData Line(string name, string message, string line) =>
        new TestCaseData(message, line).SetArgDisplayNames(name);
}
