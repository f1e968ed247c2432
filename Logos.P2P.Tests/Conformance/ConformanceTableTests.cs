using NUnit.Framework;

namespace Logos.P2P.Tests.Conformance;

/// <summary>The table in the documents is that of these tests.</summary>
internal sealed class ConformanceTableTests
{
    /// <summary>Set by eng/conformance: the results of a run, from which the table is written anew.</summary>
    private const string Results = "LOGOSP2P_CONFORMANCE_RESULTS";

    private const string Passed = "yes";

    private static readonly string File = Repository.Find("docs", "conformance.md");

    private static IEnumerable<string> Ids() => ConformanceList.Items.Select(item => item.Id);

    [TestCaseSource(nameof(Ids))]
    public void It_has_a_test_or_a_reason_why_not_and_never_both(string id)
    {
        ConformanceItem item = ConformanceList.Items.Single(item => item.Id == id);
        Assert.That(ConformanceTable.Tests[id], item.Missing is null ? Is.Not.Empty : Is.Empty);
    }

    [Test]
    public void Every_test_shows_an_item_that_there_is() =>
        Assert.That(ConformanceTable.Tests.Select(tests => tests.Key), Is.SubsetOf(Ids()));

    [Test]
    public void The_document_is_the_table_of_these_tests_and_all_of_them_passed()
    {
        if (Environment.GetEnvironmentVariable(Results) is { } trx)
            System.IO.File.WriteAllText(File, ConformanceTable.Write(ResultsIn(trx)));

        Assert.That(
            System.IO.File.ReadAllText(File), Is.EqualTo(ConformanceTable.Write(_ => Passed)),
            "Run eng/conformance to write it anew.");
    }

    [Test]
    public void A_test_that_failed_or_did_not_run_is_shown_by_its_name()
    {
        using var directory = new TemporaryDirectory();
        string trx = directory.File("results.trx");
        System.IO.File.WriteAllText(trx, """
            <TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010">
              <Results>
                <UnitTestResult testId="1" outcome="Passed" />
                <UnitTestResult testId="2" outcome="Failed" />
                <UnitTestResult testId="3" outcome="Passed" />
                <UnitTestResult testId="4" outcome="NotExecuted" />
                <UnitTestResult testId="5" outcome="NotExecuted" />
              </Results>
              <TestDefinitions>
                <UnitTest id="1"><TestMethod className="N.Some" name="Case(1)" /></UnitTest>
                <UnitTest id="2"><TestMethod className="N.Some" name="Case(2)" /></UnitTest>
                <UnitTest id="3"><TestMethod className="N.Some" name="Good(1)" /></UnitTest>
                <UnitTest id="4"><TestMethod className="N.Some" name="Good(2)" /></UnitTest>
                <UnitTest id="5"><TestMethod className="N.Some" name="Skipped" /></UnitTest>
              </TestDefinitions>
            </TestRun>
            """);

        Func<IEnumerable<string>, string> results = ResultsIn(trx);

        Assert.That(results(["N.Some.Good"]), Is.EqualTo(Passed));
        Assert.That(results(["N.Some.Good", "N.Some.Case"]), Is.EqualTo("NO: N.Some.Case"));
        Assert.That(results(["N.Some.Skipped", "N.Some.Other"]), Is.EqualTo("NO: N.Some.Skipped, N.Some.Other"));
    }

    /// <summary>A case that runs on request only may be left out, others must have passed.</summary>
    private static bool HasPassed(string[] outcomes) =>
        outcomes.Contains("Passed") && outcomes.All(outcome => outcome is "Passed" or "NotExecuted");

    private static Func<IEnumerable<string>, string> ResultsIn(string trx)
    {
        ILookup<string, string> outcomes = ConformanceTable.ReadResults(trx);
        return tests =>
        {
            string[] failed = [.. tests.Where(test => !HasPassed([.. outcomes[test]]))];
            return failed is [] ? Passed : $"NO: {string.Join(", ", failed)}";
        };
    }
}
