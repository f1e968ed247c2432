using System.Buffers;
using BenchmarkDotNet.Attributes;
using Logos.P2P.Bench.Hop;
using Logos.P2P.Wire;

namespace Logos.P2P.Bench.Suites;

/// <summary>What it costs to find a frame in what has arrived, to copy it into a buffer of its own, and to hash it.</summary>
[MemoryDiagnoser, MinColumn]
public class FrameReaderBenchmarks : IDisposable
{
    private FrameReader _reader = null!;
    private byte[] _bytes = [];

    /// <summary>Bytes of the payload.</summary>
    [Params(256, 4096, 102_400)]
    public int Size { get; set; }

    /// <summary>Bytes that a read brings at most; the whole frame when it is larger than that.</summary>
    [Params(32 * 1024, 1024 * 1024)]
    public int Piece { get; set; }

    /// <summary>Makes the frame.</summary>
    [GlobalSetup]
    public void Fill()
    {
        _bytes = new HopFrames(1, 1, Size)[0].ToArray();
        _reader = new FrameReader(new FramePool(HopFrames.Network)) { IsHandshakeComplete = true };
    }

    /// <summary>Gives up the reader.</summary>
    [GlobalCleanup]
    public void Dispose()
    {
        _reader.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A `logos` message, as it arrives.</summary>
    [Benchmark]
    public int Read()
    {
        int length = 0;
        for (int start = 0; start < _bytes.Length; start += Piece)
        {
            var input = new ReadOnlySequence<byte>(_bytes, start, Math.Min(Piece, _bytes.Length - start));
            while (_reader.Read(ref input) is { Status: not FrameReadStatus.NeedMore } result)
            {
                length += result.Frame!.Length;
                result.Frame.Release();
            }
        }

        return length;
    }
}
