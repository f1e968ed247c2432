using System.Buffers;
using System.Diagnostics;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Logos.P2P.Testnet.Proxy;

/// <summary>
/// One direction of a connection: each piece that arrives is stamped with the time when it is to leave, so that any number
/// of them are on their way at once.
/// </summary>
/// <param name="link">The link, whose conditions hold for pieces that arrive from then on.</param>
/// <param name="clock">Says when a piece's time has come.</param>
/// <param name="random">Draws the jitter; this line's own.</param>
internal sealed class DelayLine(ProxiedLink link, DelayClock clock, Random random)
{
    /// <summary>The largest piece. Small enough that 1,600 idle directions (100 nodes) hold 26 MB.</summary>
    private const int PieceSize = 16 * 1024;

    /// <summary>
    /// Pieces on their way before the sender has to wait: 8 MiB of them full, a second at 500 small ones a second. A cut link
    /// fills up with them.
    /// </summary>
    private const int MaxPieces = 512;

    private readonly Channel<Piece> _pieces = Channel.CreateBounded<Piece>(new BoundedChannelOptions(MaxPieces)
    {
        SingleReader = true,
        SingleWriter = true,
        // The reader only goes on to wait for the piece's time.
        AllowSynchronousContinuations = true,
    });

    private long _freeAt;

    /// <summary>Carries bytes until the sender has ended, and then the end.</summary>
    /// <exception cref="SocketException">One of the two ends is broken.</exception>
    public Task RunAsync(Socket from, Socket to) => Task.WhenAll(ReadAsync(from), WriteAsync(to));

    /// <summary>When a piece that arrives now is to leave, unless those before it leave later.</summary>
    private long StampDue(int length, in LinkConditions conditions)
    {
        long now = Stopwatch.GetTimestamp();
        _freeAt = Math.Max(now, _freeAt);
        if (conditions.BytesPerSecond > 0)
            _freeAt += length * Stopwatch.Frequency / conditions.BytesPerSecond;
        TimeSpan delay = conditions.Delay + (conditions.Jitter * random.NextDouble());
        return _freeAt + (long)(delay.TotalSeconds * Stopwatch.Frequency);
    }

    private async Task ReadAsync(Socket from)
    {
        try
        {
            while (true)
            {
                byte[] buffer = ArrayPool<byte>.Shared.Rent(PieceSize);
                int length = await from.ReceiveAsync(buffer).ConfigureAwait(false);
                await _pieces.Writer.WriteAsync(new Piece(buffer, length, StampDue(length, link.Conditions))).ConfigureAwait(false);
                if (length == 0)
                    break;
            }

            _pieces.Writer.Complete();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            _pieces.Writer.Complete(e);
            throw;
        }
    }

    private async Task WriteAsync(Socket to)
    {
        await foreach (Piece piece in _pieces.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            await clock.UntilAsync(piece.Due).ConfigureAwait(false);
            await link.WhenWholeAsync().ConfigureAwait(false);
            if (piece.Length == 0)
                to.Shutdown(SocketShutdown.Send);
            // .NET completes a send when all of it was taken.
            else
                await to.SendAsync(piece.Buffer.AsMemory(0, piece.Length)).ConfigureAwait(false);
            link.Count(piece.Length);
            ArrayPool<byte>.Shared.Return(piece.Buffer);
        }
    }

    private readonly record struct Piece(byte[] Buffer, int Length, long Due);
}
