using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Logos.P2P.Fuzz.Engine;
using Logos.P2P.Fuzz.Targets;
using Logos.P2P.Tests.Node;
using NUnit.Framework;

namespace Logos.P2P.Tests.Fuzz;

/// <summary>The short form of `Logos.P2P.Fuzz run`, and what it once found.</summary>
internal sealed partial class FuzzTests
{
    private static IEnumerable<string> TargetNames => AllTargets.All.Select(target => target.Name);

    [OneTimeTearDown]
    public void CleanUp()
    {
        foreach (FuzzTarget target in AllTargets.All)
            target.Dispose();
    }

    /// <summary>On the plain code, so that a debugger shows what happens.</summary>
    [TestCaseSource(nameof(TargetNames))]
    public void Seeds_and_all_that_once_failed_are_taken(string name)
    {
        FuzzTarget target = AllTargets.Find(name)!;
        int count = 0;
        foreach (byte[] input in target.Seeds().Concat(KnownCases.Of(name)))
        {
            target.Run(input.AsSpan(0, Math.Min(input.Length, target.MaxLength)));
            count++;
        }

        Assert.That(count, Is.GreaterThan(0));
    }

    [Test]
    public async Task Half_a_second_of_fuzzing_each_target_finds_nothing()
    {
        using var directory = new TemporaryDirectory();
        var start = new ProcessStartInfo(
            Path.Combine(ProgramProcess.DotNetRoot, "dotnet"),
            [
                Path.Combine(AppContext.BaseDirectory, "Logos.P2P.Fuzz.dll"), "run", .. TargetNames, "--corpus", directory.Path, "--seconds", "0.5",
                "--seed", Random.Shared.Next().ToString(CultureInfo.InvariantCulture),
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        TestContext.Out.WriteLine(await output);
        Assert.That(process.ExitCode, Is.Zero, await errors);
        // Guidance works: what is instrumented is what runs, and inputs that show something new are found and kept.
        MatchCollection results = Result().Matches(await output);
        Assert.That(results, Has.Count.EqualTo(AllTargets.All.Count));
        Assert.That(results.Select(result => int.Parse(result.Groups[1].Value, CultureInfo.InvariantCulture)), Is.All.GreaterThan(1));
        Assert.That(results.Select(result => int.Parse(result.Groups[2].Value, CultureInfo.InvariantCulture)), Is.All.GreaterThan(10));
    }

    [GeneratedRegex(@"corpus +(\d+)  edges +(\d+) of")]
    private static partial Regex Result();
}
