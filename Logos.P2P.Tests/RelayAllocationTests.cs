using System.Buffers.Binary;
using Logos.P2P.Diagnostics;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests;

/// <summary>What a message costs a node that relays it, once everything is warm.</summary>
internal sealed class RelayAllocationTests
{
    private const int Payload = 2000;
    private const int Batch = 16;
    private const int Parts = 5;

    [Test]
    public async Task In_steady_state_a_relayed_message_is_hashed_once_and_allocates_nothing()
    {
        // Until the store of recent messages is full, it keeps the buffers of all of them.
        const int warmUp = (int)(1.2 * NodeDefaults.MessageStoreBytes / 2048) / Batch * Batch, measured = 60_000;
        // On the live network, where a loopback address is nothing to tell: no other message comes between.
        const P2PNetwork network = P2PNetwork.Main;
        await using var relay = new P2PNode(
            new P2POptions
            {
                Network = network,
                Bind = ["127.0.0.1"],
                Port = 0,
                Connect = ["0"],
                Relay = RelayMode.Push,
            },
            new SilentHandler());
        await relay.StartAsync();
        using RawPeer source = RawPeer.Connect(relay.ListeningEndpoints[0], network);
        using RawPeer sink = RawPeer.Connect(relay.ListeningEndpoints[0], network);
        source.Sync();
        sink.Sync();
        P2PMetrics metrics = relay.Metrics;
        byte[] frames = new byte[(warmUp + measured) * (WireLimits.HeaderSize + Payload)];
        Fill(source, frames);

        int offset = Pump(source, sink, frames, 0, warmUp);
        long hashed = metrics.PayloadsHashed, received = metrics.MessagesReceived, propagated = metrics.MessagesPropagated;
        long allocated = long.MaxValue;
        for (int part = 0; part < Parts; part++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            offset = Pump(source, sink, frames, offset, measured / Parts);
            allocated = Math.Min(allocated, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        TestContext.Out.WriteLine($"{allocated} bytes allocated for {measured / Parts} relayed messages.");
        Assert.That(metrics.MessagesReceived - received, Is.EqualTo(measured));
        Assert.That(metrics.MessagesPropagated - propagated, Is.EqualTo(measured).Within(1));
        Assert.That(metrics.PayloadsHashed - hashed, Is.EqualTo(measured));
        // The heartbeat allocates a little; on a busy machine there are more of them to a message.
        Assert.That((double)allocated / (measured / Parts), Is.LessThan(1.0), "Bytes for each message.");
    }

    private static void Fill(RawPeer source, byte[] frames)
    {
        byte[] payload = new byte[Payload];
        int size = WireLimits.HeaderSize + Payload;
        for (int i = 0; i < frames.Length / size; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(payload, i);
            Frame frame = source.Frames.Create(Command.Logos, payload);
            frame.Memory.CopyTo(frames.AsMemory(i * size));
            frame.Release();
        }
    }

    /// <summary>Sends messages a few at a time, so that none ever has to wait in the relay.</summary>
    private static int Pump(RawPeer source, RawPeer sink, byte[] frames, int offset, int count)
    {
        const int batchSize = Batch * (WireLimits.HeaderSize + Payload);
        for (int sent = 0; sent < count; sent += Batch)
        {
            source.Send(frames.AsSpan(offset, batchSize));
            sink.Skip(batchSize);
            offset += batchSize;
        }

        return offset;
    }

    private sealed class SilentHandler : IMessageHandler
    {
        public bool IsQuick => true;

        public Verdict Receive(in ReceivedMessage message) => Verdict.Propagate;
    }
}
