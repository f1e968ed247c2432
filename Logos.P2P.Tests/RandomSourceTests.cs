using NUnit.Framework;

namespace Logos.P2P.Tests;

internal sealed class RandomSourceTests
{
    [Test]
    public void Times_between_two_are_spread_over_all_of_it()
    {
        var random = new RandomSource(1);
        TimeSpan from = TimeSpan.FromDays(3), to = TimeSpan.FromDays(7);

        double[] days = [.. Enumerable.Range(0, 10_000).Select(_ => random.NextBetween(from, to).TotalDays)];

        Assert.That(days, Is.All.InRange(3, 7));
        Assert.That(days.Average(), Is.EqualTo(5).Within(0.05));
        Assert.That(days.Min(), Is.EqualTo(3).Within(0.01));
        Assert.That(days.Max(), Is.EqualTo(7).Within(0.01));
    }

    [Test]
    public void The_same_seed_gives_the_same_of_everything()
    {
        string[] drawn = [.. new ulong[] { 7, 7, 8 }.Select(seed => Draw(new RandomSource(seed)))];

        Assert.That(drawn[1], Is.EqualTo(drawn[0]));
        Assert.That(drawn[2], Is.Not.EqualTo(drawn[0]));
    }

    [Test]
    public void Seeds_that_differ_in_any_bit_give_something_else()
    {
        IEnumerable<ulong> firsts = Enumerable.Range(0, 64).Select(bit => new RandomSource(1UL << bit).NextUInt64());

        Assert.That(firsts, Is.Unique);
        Assert.That(
            new RandomSource(0x0000_0001_0000_0001).NextUInt64(),
            Is.Not.EqualTo(new RandomSource(0x0000_0002_0000_0002).NextUInt64()),
            "Halves that cancel each other out.");
    }

    [Test]
    public void Without_a_seed_no_two_are_alike() =>
        Assert.That(Enumerable.Range(0, 100).Select(_ => Draw(new RandomSource(null))), Is.Unique);

    [TestCase(1UL)]
    [TestCase(null)]
    public void An_exponential_wait_has_the_mean_asked_for(ulong? seed)
    {
        var random = new RandomSource(seed);
        TimeSpan[] waits = [.. Enumerable.Range(0, 20_000).Select(_ => random.NextExponential(TimeSpan.FromSeconds(30)))];

        Assert.That(waits.Average(wait => wait.TotalSeconds), Is.EqualTo(30).Within(1.5));
        Assert.That(waits, Is.All.GreaterThanOrEqualTo(TimeSpan.Zero));
        // Half of them are shorter than ln 2 of the mean.
        Assert.That(waits.Count(wait => wait.TotalSeconds < 30 * Math.Log(2)), Is.EqualTo(10_000).Within(400));
    }

    [TestCase(1UL)]
    [TestCase(null)]
    public void A_shuffle_keeps_everything_and_brings_each_everywhere(ulong? seed)
    {
        var random = new RandomSource(seed);
        int[] firsts = new int[5];
        for (int i = 0; i < 5000; i++)
        {
            int[] values = [0, 1, 2, 3, 4];
            random.Shuffle(values.AsSpan());
            Assert.That(values.Order(), Is.EqualTo(new[] { 0, 1, 2, 3, 4 }));
            firsts[values[0]]++;
        }

        Assert.That(firsts, Is.All.EqualTo(1000).Within(200));
    }

    [TestCase(1UL)]
    [TestCase(null)]
    public void A_fork_draws_evenly_from_all_its_ranges(ulong? seed)
    {
        Random fork = new RandomSource(seed).Fork();

        Assert.That(Enumerable.Range(0, 4000).Average(_ => fork.NextDouble()), Is.EqualTo(0.5).Within(0.05));
        Assert.That(Enumerable.Range(0, 1000).Select(_ => fork.NextDouble()), Is.All.InRange(0, 0.9999999999999999));
        Assert.That(Enumerable.Range(0, 1000).Select(_ => fork.Next(3)).Distinct().Order(), Is.EqualTo(new[] { 0, 1, 2 }));
        Assert.That(Enumerable.Range(0, 1000).Select(_ => fork.Next(-2, 0)).Distinct().Order(), Is.EqualTo(new[] { -2, -1 }));
        Assert.That(fork.Next(5, 5), Is.EqualTo(5));
        Assert.That(Enumerable.Range(0, 1000).Select(_ => fork.Next()), Is.All.GreaterThanOrEqualTo(0));
        Assert.That(Enumerable.Range(0, 1000).Select(_ => fork.NextInt64()), Is.All.GreaterThanOrEqualTo(0));
    }

    [Test]
    public void Forks_of_one_source_differ()
    {
        var random = new RandomSource(1);

        Assert.That(Enumerable.Range(0, 100).Select(_ => random.Fork().NextInt64()), Is.Unique);
    }

    [Test]
    public void Many_threads_can_draw()
    {
        var random = new RandomSource(1);
        ulong[] values = new ulong[40_000];
        Parallel.For(0, values.Length, i => values[i] = random.NextUInt64());

        Assert.That(values, Is.Unique);
    }

    private static string Draw(RandomSource random)
    {
        int[] values = [.. Enumerable.Range(0, 20)];
        random.Shuffle(values.AsSpan());
        return string.Join(
            ' ',
            random.NextUInt64(), random.NextExponential(TimeSpan.FromSeconds(1)), Convert.ToHexString(random.NextBytes(8)),
            string.Join(',', values), random.Fork().NextInt64());
    }
}
