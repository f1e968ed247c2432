using System.Runtime.InteropServices;

namespace Logos.P2P.Fuzz.Targets;

/// <summary>Arguments of C functions made of bytes: what a host may pass, wrong as it may be, in memory that is its own.</summary>
/// <param name="input">The bytes; what they have no more of is zero.</param>
internal sealed unsafe class CArguments(byte[] input) : IDisposable
{
    /// <summary>A length that stands for no text at all.</summary>
    public const int NoText = 255;

    private readonly List<nint> _allocated = [];
    private int _position;

    public bool IsOver => _position >= input.Length;

    public int Byte() => IsOver ? 0 : input[_position++];

    public long Number()
    {
        long number = 0;
        for (int i = 0; i < sizeof(long); i++)
            number |= (long)Byte() << (8 * i);
        return number;
    }

    /// <summary>Memory that is the callee's to read and write until all is over.</summary>
    public byte* Allocate(int size)
    {
        byte* memory = (byte*)NativeMemory.AllocZeroed((nuint)Math.Max(1, size));
        _allocated.Add((nint)memory);
        return memory;
    }

    /// <summary>A text: a length, and its bytes. Null now and then.</summary>
    public byte* Text()
    {
        int length = Byte();
        return length == NoText ? null : Bytes(length);
    }

    /// <summary>So many bytes, and a zero.</summary>
    public byte* Bytes(int count)
    {
        byte* memory = Allocate(count + 1);
        for (int i = 0; i < count; i++)
            memory[i] = (byte)Byte();
        return memory;
    }

    /// <summary>Several texts.</summary>
    public byte** Texts(int count)
    {
        byte** texts = (byte**)Allocate(count * sizeof(byte*));
        for (int i = 0; i < count; i++)
            texts[i] = Text();
        return texts;
    }

    public void Dispose()
    {
        foreach (nint memory in _allocated)
            NativeMemory.Free((void*)memory);
    }
}
