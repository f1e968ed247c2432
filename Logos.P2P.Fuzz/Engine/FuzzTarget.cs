namespace Logos.P2P.Fuzz.Engine;

/// <summary>Something that takes bytes which it must not trust.</summary>
internal abstract class FuzzTarget : IDisposable
{
    /// <summary>
    /// What one input may allocate besides what its length explains: the objects around it, and the rest of an 8 KiB allocation
    /// quantum for each array that does not fit into it, which the runtime counts and throws away.
    /// </summary>
    protected const int Overhead = 40 * 1024;

    /// <summary>How it is named on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>The assemblies whose edges guide.</summary>
    public abstract IReadOnlyCollection<string> Assemblies { get; }

    /// <summary>What it is to reach: full names of types, or what they begin with.</summary>
    public abstract IReadOnlyCollection<string> Types { get; }

    /// <summary>The longest input.</summary>
    public virtual int MaxLength => 1024;

    /// <summary>Inputs to begin with: what a real peer, file or operator would say.</summary>
    public abstract IEnumerable<byte[]> Seeds();

    /// <summary>Words of the language of the inputs, besides the constants of the code.</summary>
    public virtual IEnumerable<byte[]> Words() => [];

    /// <summary>Tries an input. Anything thrown is a bug, of the code or of what the target believes about it.</summary>
    public abstract void Run(ReadOnlySpan<byte> input);

    /// <summary>Puts right what chance never would, such as checksums.</summary>
    public virtual void Repair(Span<byte> input, FuzzRandom random)
    {
    }

    /// <summary>The most bytes that an input of a length may have the code allocate.</summary>
    public virtual long MostAllocated(int length) => Overhead + (64L * length);

    /// <summary>Gives back what it keeps between inputs.</summary>
    public virtual void Dispose()
    {
    }

    /// <summary>Fails unless something holds.</summary>
    protected static void Require(bool condition, string otherwise)
    {
        if (!condition)
            throw new FuzzFailureException(otherwise);
    }
}

/// <summary>Something that should hold does not.</summary>
internal sealed class FuzzFailureException(string message) : Exception(message);
