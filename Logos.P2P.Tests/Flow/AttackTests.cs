using System.Diagnostics;
using System.Security.Cryptography;
using Logos.P2P.Tests.Conformance;
using Logos.P2P.Tests.Raw;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Flow;

/// <summary>Attacks on a node's time and memory, while normal peers ping each other's messages through it.</summary>
[NonParallelizable]
internal sealed class AttackTests
{
    private const int Rounds = 20;

    private static readonly TimeSpan MostForPing = TimeSpan.FromSeconds(2);

    [Test]
    [Conformance("W9")]
    public async Task W9_slow_loris_on_150_inbound_slots_delays_no_normal_peer()
    {
        const int slots = 150;
        await using TestNode node = await TestNode.StartAsync(new P2POptions { Connect = ["0"] });
        using RawPeer sender = RawPeer.Connect(node.Endpoint), receiver = RawPeer.Connect(node.Endpoint);
        var attackers = new List<RawPeer>();
        for (int i = 0; i < slots; i++)
            attackers.Add(RawPeer.Connect(node.Endpoint));
        await node.WaitForPeersAsync(slots + 2);
        byte[] large = sender.Frames.Create(Command.Logos, new byte[WireLimits.MaxPayload]).Memory.ToArray();
        using var end = new CancellationTokenSource();
        Task attack = Task.Run(async () =>
        {
            // Each promises 4 MB, sends a little, and then a byte at a time.
            attackers.ForEach(attacker => attacker.Send(large.AsSpan(0, 100_000)));
            for (int i = 100_000; !end.IsCancellationRequested; i++)
            {
                attackers.ForEach(attacker => attacker.Send(large.AsSpan(i, 1)));
                await Task.Delay(10, CancellationToken.None);
            }
        });
        await Eventually.IsAsync(() => node.Node.GetMemory()!.IncompleteFrames.Entries == slots);

        Figures figures = await OnOwnThread(() => Measure(sender, receiver));

        await end.CancelAsync();
        await attack;
        long held = node.Node.GetMemory()!.IncompleteFrames.Bytes;
        TestContext.Out.WriteLine($"Slow loris on {slots} slots: {figures}; they hold {held / 1e6:F1} MB.");
        attackers.ForEach(attacker => attacker.Dispose());
        Assert.That(figures.WorstPing, Is.LessThan(MostForPing));
        Assert.That(figures.Delivered, Is.EqualTo(Rounds));
        Assert.That(held, Is.LessThan(slots * (100_000L + WireLimits.ReadAhead)));
    }

    [Test]
    [Conformance("W9")]
    public async Task W9_80_times_4_MB_of_unknown_commands_delay_no_normal_peer()
    {
        const int blocks = 80;
        await using TestNode node = await TestNode.StartAsync(new P2POptions { Connect = ["0"] });
        using RawPeer sender = RawPeer.Connect(node.Endpoint), receiver = RawPeer.Connect(node.Endpoint);
        using RawPeer attacker = RawPeer.Connect(node.Endpoint);
        await node.WaitForPeersAsync(3);
        byte[] block = RawBytes.Frame("future", RandomNumberGenerator.GetBytes(WireLimits.MaxPayload));
        var watch = Stopwatch.StartNew();
        Task<bool> attack = OnOwnThread(() =>
        {
            for (int i = 0; i < blocks; i++)
                attacker.Send(block);
            return true;
        });

        var all = new List<Figures>();
        while (!attack.IsCompleted)
            all.Add(await OnOwnThread(() => Measure(sender, receiver)));
        await attack;
        TimeSpan took = watch.Elapsed;
        await Eventually.IsAsync(() => node.Node.Metrics.Dropped(DropReason.UnknownCommand) == blocks);

        var figures = new Figures(all.Max(round => round.WorstPing), all.Sum(round => round.Delivered));
        TestContext.Out.WriteLine($"{blocks} x 4 MB of unknown commands in {took.TotalSeconds:F1} s: {figures}.");
        Assert.That(figures.WorstPing, Is.LessThan(MostForPing));
        Assert.That(figures.Delivered, Is.EqualTo(Rounds * all.Count));
        Assert.That(node.Node.ConnectionCount, Is.EqualTo(3), "Both stay connected.");
    }

    /// <summary>What blocks must not block threads of the pool: the node in this process has need of them.</summary>
    private static Task<T> OnOwnThread<T>(Func<T> work) => Task.Factory.StartNew(
        work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>A normal peer pings and sends, another one receives, some rounds long.</summary>
    private static Figures Measure(RawPeer sender, RawPeer receiver)
    {
        TimeSpan worst = TimeSpan.Zero;
        int delivered = 0;
        for (int i = 0; i < Rounds; i++)
        {
            long start = Stopwatch.GetTimestamp();
            sender.Sync();
            TimeSpan ping = Stopwatch.GetElapsedTime(start);
            worst = ping > worst ? ping : worst;
            byte[] message = RandomNumberGenerator.GetBytes(256);
            sender.Send(sender.Frames.Create(Command.Logos, message));
            if (receiver.Read(Command.Logos).Payload.AsSpan().SequenceEqual(message))
                delivered++;
        }

        return new Figures(worst, delivered);
    }

    private sealed record Figures(TimeSpan WorstPing, int Delivered)
    {
        public override string ToString() => $"worst ping {WorstPing.TotalMilliseconds:F1} ms, {Delivered} messages delivered";
    }
}
