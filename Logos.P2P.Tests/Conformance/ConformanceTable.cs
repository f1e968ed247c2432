using System.Reflection;
using System.Text;
using System.Xml.Linq;

namespace Logos.P2P.Tests.Conformance;

/// <summary>`docs/conformance.md`: what holds, which tests show it, and whether they passed.</summary>
internal static class ConformanceTable
{
    private const string Head = """
        # Conformance

        What the tests of other nodes of Bitcoin's overlay ask for (Bitcoin Core, btcd, zebra), and the tests here that show it.
        Those in `Raw` speak bytes over real sockets, written from the specification alone. Where time has to pass, or a decision
        is a function without a socket, the test is one of the class concerned, under a clock of its own.

        Made by `eng/conformance` from a run of the tests. `./test --filter TestCategory=W4` runs those of one line.
        """;

    /// <summary>The tests of each item: class and method.</summary>
    public static ILookup<string, string> Tests { get; } = (
        from type in typeof(ConformanceTable).Assembly.GetTypes()
        from method in type.GetMethods()
        let attribute = method.GetCustomAttribute<ConformanceAttribute>()
        where attribute is not null
        from id in attribute.Ids
        orderby type.FullName, method.MetadataToken
        select (id, test: $"{type.FullName}.{method.Name}")).ToLookup(pair => pair.id, pair => pair.test);

    /// <summary>The document.</summary>
    /// <param name="resultOf">What is to be said of the results of an item's tests.</param>
    public static string Write(Func<IEnumerable<string>, string> resultOf)
    {
        var text = new StringBuilder(Head.ReplaceLineEndings("\n"));
        text.Append('\n');
        foreach ((char letter, string title) in ConformanceList.Chapters)
        {
            text.Append($"\n## {title}\n\n| id | what holds | tests | passed |\n|---|---|---|---|\n");
            foreach (ConformanceItem item in ConformanceList.Items.Where(item => item.Id[0] == letter))
            {
                string[] tests = [.. Tests[item.Id]];
                string shown = item.Missing ?? string.Join(", ", tests.Select(test => $"`{Short(test)}`"));
                text.Append($"| {item.Id} | {item.Holds} | {shown} | {(item.Missing is null ? resultOf(tests) : "-")} |\n");
            }
        }

        return text.ToString();
    }

    /// <summary>The outcomes of a run by test, those of all its cases together.</summary>
    /// <param name="trx">A file of Visual Studio's test logger.</param>
    public static ILookup<string, string> ReadResults(string trx)
    {
        XElement root = XDocument.Load(trx).Root!;
        XNamespace names = root.Name.Namespace;
        Dictionary<string, string> tests = root.Descendants(names + "UnitTest").ToDictionary(
            test => (string)test.Attribute("id")!,
            test =>
            {
                XElement method = test.Element(names + "TestMethod")!;
                return $"{(string)method.Attribute("className")!}.{((string)method.Attribute("name")!).Split('(')[0]}";
            });
        return root.Descendants(names + "UnitTestResult").ToLookup(
            result => tests[(string)result.Attribute("testId")!], result => (string)result.Attribute("outcome")!);
    }

    private static string Short(string test) => string.Join('.', test.Split('.')[^2..]);
}
