using System.Globalization;
using Logos.P2P.Node.Control;
using NUnit.Framework;

namespace Logos.P2P.Tests.Docs;

/// <summary>What the control interface can do and say is in its documentation.</summary>
internal sealed class ControlTests
{
    private static readonly Lazy<string> Documentation = new(() => File.ReadAllText(Repository.Find("docs", "control.md")));

    [Test]
    public void Its_methods_are_those_of_the_table_and_no_others()
    {
        IEnumerable<string> rows = Documentation.Value.Split('\n')
            .SkipWhile(line => line != "| method | what it does | result |").Skip(2).TakeWhile(line => line.StartsWith('|'));

        Assert.That(
            rows,
            Is.EqualTo(RpcMethods.All.Select(method => $"| `{method.Usage}` | {method.Description} | {method.Result} |")));
    }

    [TestCaseSource(nameof(Codes))]
    public void It_names_the_error(string code) => Assert.That(Documentation.Value, Does.Match($@"\| {code} \|"));

    private static IEnumerable<string> Codes() =>
        Enum.GetValues<RpcErrorCode>().Select(code => ((int)code).ToString(CultureInfo.InvariantCulture));
}
