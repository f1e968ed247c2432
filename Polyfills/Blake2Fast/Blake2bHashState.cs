using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Blake2Fast.Implementation;

/// <summary>A BLAKE2b computation under way. Made by <see cref="Blake2b.CreateIncrementalHasher(int)"/>.</summary>
/// <remarks>
/// A plain value: a copy is a fork of the computation, nothing is allocated and nothing has to be released.
/// </remarks>
public struct Blake2bHashState
{
    private const int BlockBytes = Blake2bCompression.BlockBytes;

    internal const int MaxDigestBytes = 64;
    internal const int MaxKeyBytes = 64;

    private ChainingState _h;
    private Block _tail;
    private ulong _hashed;
    private int _tailBytes;
    private readonly byte _digestBytes;
    private bool _finished;

    internal Blake2bHashState(int digestLength, ReadOnlySpan<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(digestLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(digestLength, MaxDigestBytes);

        if (key.Length > MaxKeyBytes)
            throw new ArgumentException($"A key has at most {MaxKeyBytes} bytes, not {key.Length}.", nameof(key));

        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("BLAKE2b reads its words as they lie in memory: little-endian.");

        _digestBytes = (byte)digestLength;

        // The parameter block of RFC 7693, section 2.5: sequential mode, so only its first word is not zero.
        _h[0] = Blake2bCompression.IV0 ^ 0x01010000 ^ ((uint)key.Length << 8) ^ (uint)digestLength;
        _h[1] = Blake2bCompression.IV1;
        _h[2] = Blake2bCompression.IV2;
        _h[3] = Blake2bCompression.IV3;
        _h[4] = Blake2bCompression.IV4;
        _h[5] = Blake2bCompression.IV5;
        _h[6] = Blake2bCompression.IV6;
        _h[7] = Blake2bCompression.IV7;

        if (!key.IsEmpty)
        {
            // A key is a whole block of its own in front of the message.
            key.CopyTo(_tail);
            _tailBytes = BlockBytes;
        }
    }

    /// <summary>Bytes in the digest.</summary>
    public readonly int DigestLength => _digestBytes;

    /// <summary>Hashes the memory of <paramref name="input"/> as the next part of the message.</summary>
    /// <typeparam name="T">A type without references; its bytes are taken as they lie in memory.</typeparam>
    /// <param name="input">The next part of the message.</param>
    /// <exception cref="InvalidOperationException">Not made by <see cref="Blake2b"/>, or finished.</exception>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> has references in it.</exception>
    public void Update<T>(ReadOnlySpan<T> input)
        where T : struct
    {
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
            throw new NotSupportedException($"{typeof(T)} has references in it: its bytes are not a message.");

        ThrowUnlessUsable();
        Append(MemoryMarshal.AsBytes(input));
    }

    /// <inheritdoc cref="Update{T}(ReadOnlySpan{T})"/>
    public void Update<T>(Span<T> input)
        where T : struct => Update((ReadOnlySpan<T>)input);

    /// <summary>Ends the message and writes its digest.</summary>
    /// <param name="output">Takes the digest in its first <see cref="DigestLength"/> bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="output"/> is too small for the digest.</exception>
    /// <exception cref="InvalidOperationException">Not made by <see cref="Blake2b"/>, or finished.</exception>
    public void Finish(Span<byte> output)
    {
        if (output.Length < _digestBytes)
            throw new ArgumentException($"The digest takes {_digestBytes} bytes.", nameof(output));

        ThrowUnlessUsable();
        _finished = true;

        Span<byte> tail = _tail;
        tail[_tailBytes..].Clear();
        Compress(ref tail[0], 1, (uint)_tailBytes, lastBlock: ulong.MaxValue);

        MemoryMarshal.AsBytes<ulong>(_h)[.._digestBytes].CopyTo(output);
    }

    private void Append(ReadOnlySpan<byte> input)
    {
        // The last block of a message is compressed differently, and which one is last is known only at the end.
        // So a full tail waits until there is a byte after it.
        int room = BlockBytes - _tailBytes;

        if (input.Length > room)
        {
            if (_tailBytes != 0)
            {
                Span<byte> tail = _tail;
                input[..room].CopyTo(tail[_tailBytes..]);
                input = input[room..];
                _tailBytes = 0;
                Compress(ref tail[0], 1, BlockBytes, lastBlock: 0);
            }

            int blocks = (input.Length - 1) / BlockBytes;

            if (blocks != 0)
            {
                Compress(ref MemoryMarshal.GetReference(input), (nuint)blocks, BlockBytes, lastBlock: 0);
                input = input[(blocks * BlockBytes)..];
            }
        }

        input.CopyTo(((Span<byte>)_tail)[_tailBytes..]);
        _tailBytes += input.Length;
    }

    private void Compress(ref byte block, nuint blocks, uint bytesInEach, ulong lastBlock) =>
        Blake2bCompression.Compress(ref _h[0], ref block, blocks, ref _hashed, bytesInEach, lastBlock);

    private readonly void ThrowUnlessUsable()
    {
        if (_digestBytes == 0)
            throw new InvalidOperationException("Only Blake2b.CreateIncrementalHasher makes a usable state.");

        if (_finished)
            throw new InvalidOperationException("The digest of this message has been taken.");
    }

    [InlineArray(Blake2bCompression.StateWords)]
    private struct ChainingState
    {
        private ulong _word;
    }

    [InlineArray(BlockBytes)]
    private struct Block
    {
        private byte _byte;
    }
}
