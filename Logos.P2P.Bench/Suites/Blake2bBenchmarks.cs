using BenchmarkDotNet.Attributes;
using Blake2Fast;
using Logos.P2P.Wire;

namespace Logos.P2P.Bench.Suites;

/// <summary>What the hash of a payload costs: ours next to the definition in plain C#, and to the system's library where it is.</summary>
[MemoryDiagnoser, MinColumn]
public class Blake2bBenchmarks
{
    private readonly byte[] _digest = new byte[MessageId.Size];
    private byte[] _message = [];

    /// <summary>Bytes of the message: those of the benches of whole processes.</summary>
    [Params(256, 4096, 102_400, 1_048_576)]
    public int Size { get; set; }

    /// <summary>Makes the message.</summary>
    [GlobalSetup]
    public void Fill()
    {
        _message = new byte[Size];
        new Random(Size).NextBytes(_message);
    }

    /// <summary>RFC 7693, word by word.</summary>
    [Benchmark(Baseline = true)]
    public void Plain() => PlainBlake2b.Hash(_message, _digest);

    /// <summary>What the node uses.</summary>
    [Benchmark]
    public void Ours() => Blake2b.ComputeAndWriteHash(MessageId.Size, _message, _digest);

    /// <summary>The library of those who designed it; not available where it is not installed.</summary>
    [Benchmark]
    public void SystemLibB2() => LibB2.Hash(_message, _digest);
}
