using Logos.P2P.Fuzz.Engine;
using NUnit.Framework;

namespace Logos.P2P.Tests.Fuzz;

/// <summary>The engine itself, on targets with a bug.</summary>
internal sealed class FuzzerTests
{
    [Test]
    public void What_throws_is_found_and_made_small()
    {
        using var target = new BrokenTarget(input =>
        {
            if (input.Contains((byte)0x5A))
                throw new FormatException("Z");
        });
        FuzzResult result = Run(target, 200_000);

        Assert.That(result.Failures, Has.Count.EqualTo(1));
        Assert.That(result.Failures[0].Input, Is.EqualTo(new byte[] { 0x5A }));
        Assert.That(result.Failures[0].Error, Is.InstanceOf<FormatException>());
    }

    [Test]
    public void What_allocates_out_of_proportion_is_a_failure()
    {
        using var target = new BrokenTarget(input => _ = input.Length == 3 ? new byte[10_000_000] : []);
        FuzzResult result = Run(target, 500);

        Assert.That(result.Failures, Has.Count.EqualTo(1));
        Assert.That(result.Failures[0].Input, Has.Length.EqualTo(3));
        Assert.That(result.Failures[0].Error.Message, Does.Contain("allocate"));
    }

    [Test]
    public void The_same_failure_is_told_once()
    {
        using var target = new BrokenTarget(_ => throw new FormatException("always"));
        FuzzResult result = Run(target, 1000);

        Assert.That(result.Inputs, Is.EqualTo(1000));
        Assert.That(result.Failures, Has.Count.EqualTo(1));
    }

    [Test]
    public void The_same_seed_tries_the_same()
    {
        List<int> first = [], second = [];
        using var one = new BrokenTarget(input => first.Add(Sum(input)));
        using var other = new BrokenTarget(input => second.Add(Sum(input)));
        Run(one, 2000);
        Run(other, 2000);

        Assert.That(second, Is.EqualTo(first));
        Assert.That(first.Distinct().Count(), Is.GreaterThan(500));
    }

    [Test]
    public void What_does_not_matter_is_left_out()
    {
        int[] items = [.. Enumerable.Range(0, 1000)];
        int[] shortest = Shrinker.LeaveOut(items, some => some.Contains(17) && some.Contains(941));

        Assert.That(shortest, Is.EqualTo(new[] { 17, 941 }));
    }

    private static int Sum(ReadOnlySpan<byte> input)
    {
        int sum = input.Length;
        foreach (byte b in input)
            sum = (31 * sum) + b;
        return sum;
    }

    private static FuzzResult Run(FuzzTarget target, long runs)
    {
        using var fuzzer = new Fuzzer(target, new FuzzPlan { Runs = runs });
        return fuzzer.Run();
    }

    private delegate void Body(ReadOnlySpan<byte> input);

    private sealed class BrokenTarget(Body body) : FuzzTarget
    {
        public override string Name => "broken";

        public override IReadOnlyCollection<string> Assemblies => [];

        public override IReadOnlyCollection<string> Types => [];

        public override int MaxLength => 64;

        public override IEnumerable<byte[]> Seeds() => [[1, 2, 3, 4]];

        public override void Run(ReadOnlySpan<byte> input) => body(input);
    }
}
