using System.Buffers;
using System.IO.Pipelines;
using Logos.P2P.Wire;

namespace Logos.P2P.Transport;

/// <summary>Whoever takes the frames of a connection.</summary>
internal interface IFrameSink
{
    /// <summary>Whether no more should be read until <see cref="WaitForBacklogAsync"/> completes.</summary>
    bool IsBacklogged { get; }

    /// <summary>Bytes were read from the connection.</summary>
    void BytesArrived(long count);

    /// <summary>A frame was read, and will be handed over in a moment, unless the connection ends before.</summary>
    void Expect(in FrameReadResult result);

    /// <summary>Takes a frame or the news that one was dropped. The caller keeps its reference.</summary>
    /// <returns>False when nothing more is to be read.</returns>
    bool Receive(in FrameReadResult result);

    Task WaitForBacklogAsync();
}

/// <summary>Reads a connection until it ends.</summary>
internal static class ReceiveLoop
{
    /// <summary>Bytes that are found waiting before the thread is given to others.</summary>
    private const int MaxBytesWithoutWait = 4 * NodeDefaults.ReceiveBufferSize;

    /// <returns>How the connection ended, as far as the reading side can tell.</returns>
    public static async Task<DisconnectReason> RunAsync(IConnection connection, FrameReader reader, IFrameSink sink, NodeClock clock)
    {
        PipeReader input = connection.Input;
        var batch = new SendBatch(clock);
        long bytesWithoutWait = 0;
        FrameReadResult ahead = default;
        try
        {
            while (true)
            {
                ValueTask<ReadResult> read = input.ReadAsync();
                if (IsTimeToYield(read.IsCompleted, ref bytesWithoutWait))
                    await Task.Yield();
                ReadResult result = await read;
                ReadOnlySequence<byte> buffer = result.Buffer;
                bytesWithoutWait += buffer.Length;
                sink.BytesArrived(buffer.Length);
                if (!TakeFrames(ref buffer, ref ahead, reader, sink, batch))
                    return DisconnectReason.None;
                // What is left is left because of a backlog, also when that is over by now.
                while (sink.IsBacklogged || !buffer.IsEmpty || IsFound(ahead))
                {
                    await sink.WaitForBacklogAsync();
                    if (!TakeFrames(ref buffer, ref ahead, reader, sink, batch))
                        return DisconnectReason.None;
                }

                input.AdvanceTo(buffer.End);
                if (result.IsCompleted || result.IsCanceled)
                    return DisconnectReason.RemoteClosed;
                while (connection.Source is { } source && reader.GetRoom() is { IsEmpty: false } room)
                {
                    ValueTask<int> receive = source.ReadAsync(room);
                    if (IsTimeToYield(receive.IsCompleted, ref bytesWithoutWait))
                        await Task.Yield();
                    int count = await receive;
                    if (count == 0)
                        return DisconnectReason.RemoteClosed;
                    bytesWithoutWait += count;
                    sink.BytesArrived(count);
                    FrameReadResult received = reader.Received(count);
                    sink.Expect(received);
                    if (!Hand(received, sink))
                        return DisconnectReason.None;
                    while (sink.IsBacklogged)
                        await sink.WaitForBacklogAsync();
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return DisconnectReason.NetworkError;
        }
        finally
        {
            ahead.Frame?.Release();
            reader.Dispose();
            await input.CompleteAsync();
        }
    }

    /// <summary>A peer that sends without pause would keep this thread for ever, and others would wait for one.</summary>
    private static bool IsTimeToYield(bool isWaiting, ref long bytesWithoutWait)
    {
        bool isEnough = isWaiting && bytesWithoutWait >= MaxBytesWithoutWait;
        if (!isWaiting || isEnough)
            bytesWithoutWait = 0;
        return isEnough && IsThreadWanted;
    }

    /// <summary>
    /// Whether others may wait for this thread. The one that waits for all sockets always is; a worker is when work waits.
    /// </summary>
    private static bool IsThreadWanted =>
        SynchronizationContext.Current is not null
        || !Thread.CurrentThread.IsThreadPoolThread
        || ThreadPool.PendingWorkItemCount > 0;

    /// <summary>Hands over frames until the bytes are used up or the sink has enough for now.</summary>
    /// <param name="buffer">The bytes.</param>
    /// <param name="ahead">What was read ahead, and has not been handed over.</param>
    /// <param name="reader">Cuts the bytes into frames.</param>
    /// <param name="sink">Takes them.</param>
    /// <param name="batch">Collects what is sent on.</param>
    /// <returns>False when nothing more is to be read.</returns>
    private static bool TakeFrames(
        ref ReadOnlySequence<byte> buffer, ref FrameReadResult ahead, FrameReader reader, IFrameSink sink, SendBatch batch)
    {
        batch.Begin();
        try
        {
            bool hasMore = IsFound(ahead) || reader.IsWholeFrame(buffer);
            while (!sink.IsBacklogged)
            {
                // What is sent on need not wait while the beginning of a large frame is copied and hashed.
                batch.Flush(hasMore);
                FrameReadResult result = IsFound(ahead) ? ahead : Read(ref buffer, reader, sink);
                ahead = default;
                if (!IsFound(result))
                    break;
                hasMore = reader.IsWholeFrame(buffer);
                // While the next one is hashed, memory brings what this one is looked up in. A message changes nothing of how
                // what follows is to be read.
                if (hasMore && result.Frame is { Command: Command.Logos })
                    ahead = Read(ref buffer, reader, sink);
                batch.IsHolding = hasMore;
                if (!Hand(result, sink))
                    return false;
            }

            return true;
        }
        finally
        {
            batch.End();
        }
    }

    private static FrameReadResult Read(ref ReadOnlySequence<byte> buffer, FrameReader reader, IFrameSink sink)
    {
        FrameReadResult result = reader.Read(ref buffer);
        sink.Expect(result);
        return result;
    }

    private static bool IsFound(in FrameReadResult result) => result.Status != FrameReadStatus.NeedMore;

    /// <summary>Hands over what has been found, if anything has.</summary>
    /// <returns>False when nothing more is to be read.</returns>
    private static bool Hand(in FrameReadResult result, IFrameSink sink)
    {
        if (!IsFound(result))
            return true;
        try
        {
            return sink.Receive(result);
        }
        finally
        {
            result.Frame?.Release();
        }
    }
}
