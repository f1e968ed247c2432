using Logos.P2P.Fuzz.Engine;

namespace Logos.P2P.Fuzz.Targets;

/// <summary>Tries an input. Throws when something does not hold.</summary>
internal delegate void Probe(ReadOnlySpan<byte> input);

/// <summary>Something that reads bytes and keeps no state.</summary>
/// <param name="name">How it is named on the command line.</param>
/// <param name="types">What it is to reach, without the assembly.</param>
/// <param name="seeds">Inputs to begin with.</param>
/// <param name="probe">Reads them.</param>
internal sealed class CodecTarget(string name, string[] types, Func<IEnumerable<byte[]>> seeds, Probe probe) : FuzzTarget
{
    public override string Name => name;

    public required string Assembly { get; init; }

    public override IReadOnlyCollection<string> Assemblies => [Assembly];

    public override IReadOnlyCollection<string> Types => [.. types.Select(type => $"{Assembly}.{type}")];

    /// <summary>See <see cref="FuzzTarget.MostAllocated"/>: bytes for each byte of input, with which lists grow to twice their size.</summary>
    public int MostPerByte { get; init; } = 8;

    public override IEnumerable<byte[]> Seeds() => seeds();

    public override void Run(ReadOnlySpan<byte> input) => probe(input);

    public override long MostAllocated(int length) => Overhead + ((long)MostPerByte * length);
}
