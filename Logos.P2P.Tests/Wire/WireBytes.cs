using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Logos.P2P.Wire;

namespace Logos.P2P.Tests.Wire;

/// <summary>Bytes for tests, put together by hand lest they share the mistakes of the code under test.</summary>
internal static class WireBytes
{
    /// <summary>The magic of regtest, on which the tests run unless they say otherwise.</summary>
    public static readonly byte[] RegtestMagic = [0xFA, 0xBF, 0xB5, 0xDA];

    /// <summary>Bytes from hex digits; blanks may separate fields.</summary>
    public static byte[] Hex(string digits) =>
        Convert.FromHexString(digits.Replace(" ", "", StringComparison.Ordinal));

    public static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);

    /// <summary>The 12 bytes of a command field. The text may hold any character up to U+00FF.</summary>
    public static byte[] CommandField(string text)
    {
        byte[] field = new byte[12];
        Encoding.Latin1.GetBytes(text, field);
        return field;
    }

    /// <summary>A frame on regtest; the header says what it is told to, true or not.</summary>
    public static byte[] Frame(
        string command, ReadOnlySpan<byte> payload, uint? claimedLength = null, byte[]? claimedChecksum = null)
    {
        byte[] frame = new byte[24 + payload.Length];
        RegtestMagic.CopyTo(frame, 0);
        CommandField(command).CopyTo(frame, 4);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(16), claimedLength ?? (uint)payload.Length);
        (claimedChecksum ?? MessageId.Compute(payload).Bytes[..4].ToArray()).CopyTo(frame, 20);
        payload.CopyTo(frame.AsSpan(24));
        return frame;
    }

    /// <summary>Only the header of a frame that claims a payload of a length.</summary>
    public static byte[] Header(string command, uint claimedLength) => Frame(command, [], claimedLength);

    public static byte[] Concat(params IEnumerable<byte[]> parts) => [.. parts.SelectMany(p => p)];

    /// <summary>One sequence whose segments are exactly the given pieces, empty ones included.</summary>
    public static ReadOnlySequence<byte> Segments(params IReadOnlyList<ReadOnlyMemory<byte>> pieces)
    {
        if (pieces.Count == 0)
            return ReadOnlySequence<byte>.Empty;

        var first = new Segment(pieces[0], null);
        Segment last = first;
        foreach (ReadOnlyMemory<byte> piece in pieces.Skip(1))
            last = new Segment(piece, last);
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    /// <summary>Cuts bytes at random places. Some pieces are empty.</summary>
    public static List<ReadOnlyMemory<byte>> Fragments(TestRandom random, ReadOnlyMemory<byte> bytes, int longest)
    {
        var pieces = new List<ReadOnlyMemory<byte>>();
        while (!bytes.IsEmpty)
        {
            int count = Math.Min(random.Below(longest + 1), bytes.Length);
            pieces.Add(bytes[..count]);
            bytes = bytes[count..];
        }

        return pieces;
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? previous)
        {
            Memory = memory;
            if (previous is null)
                return;
            RunningIndex = previous.RunningIndex + previous.Memory.Length;
            previous.Next = this;
        }
    }
}
