using System.CommandLine;
using System.CommandLine.Parsing;
using Logos.P2P.Fuzz.Coverage;
using Logos.P2P.Fuzz.Engine;
using Logos.P2P.Fuzz.Model;
using Logos.P2P.Fuzz.Storage;
using Logos.P2P.Fuzz.Targets;
using ProgramCommand = System.CommandLine.Command;

namespace Logos.P2P.Fuzz;

/// <summary>The commands of the program.</summary>
internal static class FuzzCommands
{
    private const int Clean = 0, Failed = 1;

    private const string All = "all";

    public static Task<int> RunAsync(string[] args) => Create().Parse(args).InvokeAsync();

    /// <summary>Tries targets in this process. Called on top of the instrumented node, so with types of .NET only.</summary>
    /// <returns>Whether nothing failed.</returns>
    public static bool Fuzz(string[] targets, long runs, TimeSpan duration, ulong seed, string? directory)
    {
        var plan = new FuzzPlan { Runs = runs, Duration = duration, Seed = seed, Directory = directory };
        bool isClean = true;
        foreach (string name in targets)
        {
            using FuzzTarget target = AllTargets.Find(name)!;
            using var fuzzer = new Fuzzer(target, plan);
            FuzzResult result = fuzzer.Run();
            Console.WriteLine(result);
            isClean &= result.Failures.Count == 0;
        }

        return isClean;
    }

    private static RootCommand Create()
    {
        var targets = new Argument<string[]>("targets")
        {
            Description = "What to try, of what `list` names, one after another in this process; or all, each in a process of its own.",
            Arity = ArgumentArity.OneOrMore,
        };
        targets.Validators.Add(RequireTargets);
        var runs = new Option<long>("--runs") { Description = "Inputs to try.", DefaultValueFactory = _ => long.MaxValue };
        var seconds = new Option<double>("--seconds") { Description = "How long to try.", DefaultValueFactory = _ => 60 };
        var seed = new Option<ulong>("--seed") { Description = "What chance begins with.", DefaultValueFactory = _ => 1 };
        var corpus = new Option<string?>("--corpus") { Description = "Where inputs that showed something new are kept, and those that failed." };
        var jobs = new Option<int>("--jobs") { Description = "With all: targets at once.", DefaultValueFactory = _ => Environment.ProcessorCount };
        var run = new ProgramCommand("run", "Fuzz targets.") { targets, runs, seconds, seed, corpus, jobs };
        run.SetAction(async (result, _) =>
        {
            string[] names = result.GetValue(targets)!;
            string? kept = result.GetValue(corpus);
            var duration = TimeSpan.FromSeconds(result.GetValue(seconds));
            if (names is [All])
            {
                var campaign = new Campaign(result.GetValue(runs), duration, result.GetValue(seed), kept ?? "artifacts/fuzz");
                return await campaign.RunAsync(result.GetValue(jobs)) ? Clean : Failed;
            }

            object?[] arguments = [names, result.GetValue(runs), duration, result.GetValue(seed), kept];
            return InstrumentedCode.Call<bool>(typeof(FuzzCommands), nameof(Fuzz), arguments!) ? Clean : Failed;
        });

        var list = new ProgramCommand("list", "List the targets.");
        list.SetAction(_ => AllTargets.All.ToList().ForEach(one => Console.WriteLine($"{one.Name,-14} {string.Join(' ', one.Types)}")));
        var steps = new Option<long>("--steps") { Description = "Steps to compare.", DefaultValueFactory = _ => 1_000_000 };
        var model = new ProgramCommand("model", "Compare a node with a model of the protocol, step by step, in random conversations.")
        {
            steps, seconds, seed,
        };
        model.SetAction(result => Compare(result.GetValue(steps), result.GetValue(seconds), result.GetValue(seed)));
        var directory = new Argument<string>("directory") { Description = "The data directory." };
        var session = new ProgramCommand(
            "session", "Store everything that a node stores, and print a number for each step that is done. For tests that end it.") { directory };
        session.SetAction(result => new StorageScript(result.GetValue(directory)!).Run(Console.WriteLine));
        return new RootCommand("Coverage-guided fuzzing of Logos P2P, and conversations with a model of its protocol.") { run, list, model, session };
    }

    private static int Compare(long steps, double seconds, ulong seed)
    {
        var campaign = new ModelCampaign(seed);
        ModelDifference? difference = campaign.Run(steps, TimeSpan.FromSeconds(seconds));
        Console.WriteLine(campaign);
        if (difference is not null)
            Console.Error.WriteLine(difference);
        return difference is null ? Clean : Failed;
    }

    private static void RequireTargets(ArgumentResult result)
    {
        string[] names = result.GetValueOrDefault<string[]>();
        foreach (string name in names.Where(name => AllTargets.Find(name) is null && names is not [All]))
            result.AddError($"There is no target '{name}'; `list` lists them.");
    }
}
