using System.Buffers.Binary;
using System.Diagnostics.Metrics;
using Logos.P2P.Diagnostics;
using Logos.P2P.Relay;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests;

/// <summary>What a message costs a node that relays it, once everything is warm.</summary>
[NonParallelizable]
internal sealed class RelayAllocationTests
{
    private const int Payload = 1000;
    private const int FrameSize = WireLimits.HeaderSize + Payload;
    private const int InvSize = WireLimits.HeaderSize + 1 + sizeof(uint) + MessageId.Size;
    private const int Batch = 16;
    private const int Parts = 5;

    /// <summary>
    /// Until the store of recent messages is full it keeps the buffers of all of them; until the table of flights is, each message
    /// has a new one.
    /// </summary>
    private const int WarmUp = (int)(1.2 * FlightTable.MaxFlights) / Batch * Batch;
    private const int Measured = Parts * 500 * Batch;

    // On the live network, where a loopback address is nothing to tell: no other message comes between.
    private const P2PNetwork Network = P2PNetwork.Main;

    [Test]
    public async Task In_steady_state_a_relayed_message_is_hashed_once_and_allocates_nothing()
    {
        await using P2PNode relay = await StartAsync(RelayMode.Push, "0");
        using RawPeer source = RawPeer.Connect(relay.ListeningEndpoints[0], Network);
        using RawPeer sink = RawPeer.Connect(relay.ListeningEndpoints[0], Network);
        source.Sync();
        sink.Sync();

        // Sent a few at a time, so that none ever has to wait in the relay.
        Measure(source, relay.Metrics, hashes: 1, _ => sink.Skip(Batch * FrameSize));
    }

    [Test]
    public async Task In_steady_state_a_message_that_is_timed_allocates_nothing()
    {
        await using P2PNode relay = await StartAsync(RelayMode.Push, "0");
        using var measured = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Scope == relay && !instrument.IsObservable)
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        int recorded = 0;
        measured.SetMeasurementEventCallback<double>((_, _, _, _) => recorded++);
        measured.Start();
        using MessageSamples samples = relay.SampleMessages();
        using RawPeer source = RawPeer.Connect(relay.ListeningEndpoints[0], Network);
        using RawPeer sink = RawPeer.Connect(relay.ListeningEndpoints[0], Network);
        source.Sync();
        sink.Sync();

        Measure(source, relay.Metrics, hashes: 1, _ => sink.Skip(Batch * FrameSize));

        Assert.That(recorded, Is.GreaterThan(100));
    }

    [Test]
    public async Task In_steady_state_a_message_that_goes_up_a_tree_and_is_announced_beside_it_allocates_nothing()
    {
        await using P2PNode relay = await StartAsync(RelayMode.Tree, "0");
        await using P2PNode next = await StartAsync(RelayMode.Tree, relay.ListeningEndpoints[0].ToString());
        using RawPeer source = RawPeer.Connect(relay.ListeningEndpoints[0], Network);
        using RawPeer told = RawPeer.Connect(relay.ListeningEndpoints[0], Network);
        source.Sync();
        told.Sync();
        await Eventually.IsAsync(() => relay.ConnectionCount == 3);

        // The announcement has a checksum, too.
        Measure(source, relay.Metrics, hashes: 2, sent =>
        {
            told.Skip(Batch * InvSize);
            while (next.Metrics.MessagesReceived < sent)
                Thread.Yield();
        });
    }

    private static void Measure(RawPeer source, P2PMetrics metrics, int hashes, Action<int> receive)
    {
        byte[] frames = new byte[(WarmUp + Measured) * FrameSize];
        Fill(source, frames);
        int sent = Pump(source, frames, 0, WarmUp, receive);
        long hashed = metrics.PayloadsHashed, received = metrics.MessagesReceived, propagated = metrics.MessagesPropagated;
        long allocated = long.MaxValue;
        for (int part = 0; part < Parts; part++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            sent = Pump(source, frames, sent, Measured / Parts, receive);
            allocated = Math.Min(allocated, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        TestContext.Out.WriteLine($"{allocated} bytes allocated for {Measured / Parts} relayed messages.");
        Assert.That(metrics.MessagesReceived - received, Is.EqualTo(Measured));
        Assert.That(metrics.MessagesPropagated - propagated, Is.EqualTo(Measured).Within(1));
        Assert.That(metrics.PayloadsHashed - hashed, Is.EqualTo(hashes * Measured).Within(hashes));
        // The heartbeat allocates a little; on a busy machine there are more of them to a message.
        Assert.That((double)allocated / (Measured / Parts), Is.LessThan(1.0), "Bytes for each message.");
    }

    private static void Fill(RawPeer source, byte[] frames)
    {
        byte[] payload = new byte[Payload];
        for (int i = 0; i < frames.Length / FrameSize; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(payload, i);
            Frame frame = source.Frames.Create(Command.Logos, payload);
            frame.Memory.CopyTo(frames.AsMemory(i * FrameSize));
            frame.Release();
        }
    }

    private static int Pump(RawPeer source, byte[] frames, int sent, int count, Action<int> receive)
    {
        for (int end = sent + count; sent < end; sent += Batch)
        {
            source.Send(frames.AsSpan(sent * FrameSize, Batch * FrameSize));
            receive(sent + Batch);
        }

        return sent;
    }

    private static async Task<P2PNode> StartAsync(RelayMode mode, string connect)
    {
        var node = new P2PNode(
            new P2POptions
            {
                Network = Network,
                Bind = ["127.0.0.1"],
                Port = 0,
                Connect = [connect],
                Relay = mode,
                MaxMessageRate = 0,
                MaxMessageBytes = 0,
            },
            new SilentHandler());
        await node.StartAsync();
        return node;
    }

    private sealed class SilentHandler : IMessageHandler
    {
        public bool IsQuick => true;

        public uint Origin(ReadOnlySpan<byte> message) => 7;

        public Verdict Receive(in ReceivedMessage message) => Verdict.Propagate;
    }
}
