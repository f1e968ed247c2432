using System.Diagnostics;
using System.Globalization;
using Logos.P2P.Fuzz.Coverage;
using Logos.P2P.Fuzz.Targets;

namespace Logos.P2P.Fuzz.Engine;

/// <summary>How long to try, and where to keep what was found.</summary>
internal sealed record FuzzPlan
{
    /// <summary>Inputs to try.</summary>
    public long Runs { get; init; } = long.MaxValue;

    /// <summary>How long to try.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.MaxValue;

    /// <summary>What chance begins with.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Where the corpora and what failed are kept; null for nowhere.</summary>
    public string? Directory { get; init; }
}

/// <summary>An input that failed.</summary>
/// <param name="Input">The shortest that does.</param>
/// <param name="Error">How.</param>
internal sealed record FuzzFailure(byte[] Input, Exception Error);

/// <summary>What came of it.</summary>
internal sealed record FuzzResult
{
    public required string Target { get; init; }

    public required long Inputs { get; init; }

    public required TimeSpan Duration { get; init; }

    /// <summary>Inputs that each showed something new.</summary>
    public required int Corpus { get; init; }

    /// <summary>How many edges of the target's own code there are, and how many of them were taken.</summary>
    public required (int Seen, int All) Edges { get; init; }

    public required IReadOnlyList<FuzzFailure> Failures { get; init; }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Target,-14} {Inputs,12:N0} inputs {Inputs / Math.Max(0.001, Duration.TotalSeconds),10:N0}/s  corpus {Corpus,5}  edges {Edges.Seen,4} of {Edges.All,4} ({100.0 * Edges.Seen / Math.Max(1, Edges.All),3:F0} %)  failures {Failures.Count}");
}

/// <summary>
/// Tries inputs on a target: takes one that showed something new, changes it, and keeps what shows something new again. New is
/// an edge that was never taken, or never as often.
/// </summary>
internal sealed class Fuzzer : IDisposable
{
    /// <summary>More would only be the same again.</summary>
    private const int MostFailures = 20;

    /// <summary>Inputs between looks at the clock.</summary>
    private const int Batch = 256;

    private readonly FuzzTarget _target;
    private readonly FuzzPlan _plan;
    private readonly FuzzRandom _random;
    private readonly Mutator _mutator;
    private readonly Corpus _corpus;
    private readonly byte[] _seen = new byte[EdgeMap.Capacity];
    private readonly int _from;
    private readonly int _to;
    private readonly Dictionary<string, FuzzFailure> _failures = [];
    private readonly LastInput? _last;
    private long _inputs;

    public Fuzzer(FuzzTarget target, FuzzPlan plan)
    {
        _target = target;
        _plan = plan;
        _random = new FuzzRandom(plan.Seed);
        byte[][] words = [.. target.Words(), .. CodeMap.Words.Where(word => word.Length <= target.MaxLength)];
        _mutator = new Mutator(target, words, _random);
        _corpus = new Corpus(plan.Directory is null ? null : Path.Combine(plan.Directory, target.Name));
        (_from, _to) = CodeMap.RangeOf(target.Assemblies);
        if (plan.Directory is not null)
        {
            Directory.CreateDirectory(plan.Directory);
            _last = new LastInput(LastInputPath(plan.Directory, target.Name), target.MaxLength);
        }
    }

    /// <summary>Where the input is that was tried last.</summary>
    public static string LastInputPath(string directory, string target) => Path.Combine(directory, $"{target}.last");

    /// <summary>Where an input is kept that failed.</summary>
    public static string FailurePath(string directory, string target, byte[] input) =>
        Path.Combine(directory, "failures", $"{target}-{Corpus.NameOf(input)}");

    /// <summary>Tries.</summary>
    public FuzzResult Run()
    {
        var watch = Stopwatch.StartNew();
        using var watchdog = new Watchdog(() => Volatile.Read(ref _inputs));
        foreach (byte[] input in _target.Seeds().Concat(KnownCases.Of(_target.Name)).Concat(_corpus.Load()))
            Try(input.AsSpan(0, Math.Min(input.Length, _target.MaxLength)));
        if (_corpus.Count == 0)
            _corpus.Add([]);
        while (_inputs < _plan.Runs && watch.Elapsed < _plan.Duration && _failures.Count < MostFailures)
        {
            for (long i = Math.Min(Batch, _plan.Runs - _inputs); i > 0; i--)
            {
                _mutator.Mutate(_corpus.Pick(_random), _corpus.Pick(_random));
                Try(_mutator.Input);
            }
        }

        return new FuzzResult
        {
            Target = _target.Name,
            Inputs = _inputs,
            Duration = watch.Elapsed,
            Corpus = _corpus.Count,
            Edges = CodeMap.Coverage(_target.Types, _seen),
            Failures = [.. _failures.Values],
        };
    }

    public void Dispose() => _last?.Dispose();

    private void Try(ReadOnlySpan<byte> input)
    {
        _inputs++;
        _last?.Set(input);
        if (Fails(input) is { } error)
        {
            Note(input.ToArray(), error);
            EdgeMap.Clear(_from, _to);
            return;
        }

        if (EdgeMap.Take(_from, _to, _seen))
            _corpus.Add(input.ToArray());
    }

    private Exception? Fails(ReadOnlySpan<byte> input)
    {
        try
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            _target.Run(input);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            return allocated > _target.MostAllocated(input.Length)
                ? new FuzzFailureException($"{input.Length} bytes of input made the code allocate {allocated}.")
                : null;
        }
#pragma warning disable CA1031 // Whatever it is, it is what is looked for.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return e;
        }
    }

    private void Note(byte[] input, Exception error)
    {
        string kind = KindOf(error);
        if (_failures.ContainsKey(kind))
            return;
        input = Shrinker.Shrink(input, smaller => Fails(smaller) is { } same && KindOf(same) == kind);
        _failures.Add(kind, new FuzzFailure(input, Fails(input) ?? error));
        Console.Error.WriteLine($"{_target.Name}: {Convert.ToHexStringLower(input)}\n{error}");
        if (_plan.Directory is null)
            return;
        string path = FailurePath(_plan.Directory, _target.Name, input);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, input);
    }

    /// <summary>Two failures are the same when they are told in the same words, whatever the numbers in them.</summary>
    private static string KindOf(Exception error) =>
        $"{error.GetType().Name} {new string([.. error.Message.Where(char.IsAsciiLetter)])}";
}
