using Logos.P2P.Simulation.Links;
using Logos.P2P.Transport;
using NUnit.Framework;

namespace Logos.P2P.Tests.Simulation.Links;

/// <summary>Connections behave as TCP's do, as far as a node can tell.</summary>
internal sealed class SimulatedConnectionTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [TestCase(1)]
    [TestCase(2500)]
    [TestCase(1_000_000)]
    public void Bytes_are_there_when_they_have_left_the_uplink_and_come_the_way(int count)
    {
        var rig = new LinkRig();
        (IConnection from, IConnection to) = rig.Connect(0, 1);
        LinkRig.Reading reading = rig.Read(to);
        TimeSpan start = rig.Loop.Now;

        rig.Send(from, LinkRig.Bytes(count));
        rig.Loop.RunFor(Minute);

        Assert.That(reading.Bytes, Is.EqualTo(LinkRig.Bytes(count)));
        double expected = 1000 * count / LinkRig.BytesPerSecond;
        expected += (LinkRig.Delay + LinkModel.Processing).TotalMilliseconds;
        Assert.That((reading.LastAt - start).TotalMilliseconds, Is.EqualTo(expected).Within(0.1));
        Assert.That(from.BytesSent, Is.EqualTo(count));
        Assert.That(rig[0].Uplink.BytesSent, Is.EqualTo(count));
    }

    [Test]
    public void A_small_frame_overtakes_a_megabyte_for_another_host_but_not_one_for_the_same()
    {
        var rig = new LinkRig();
        (IConnection big, IConnection bigEnd) = rig.Connect(0, 1);
        (IConnection small, IConnection smallEnd) = rig.Connect(0, 2);
        LinkRig.Reading atBig = rig.Read(bigEnd), atSmall = rig.Read(smallEnd);
        TimeSpan start = rig.Loop.Now;

        rig.Send(big, LinkRig.Bytes(1_000_000));
        rig.Send(small, LinkRig.Bytes(100));
        rig.Loop.RunFor(Minute);

        Assert.That((atSmall.LastAt - start).TotalMilliseconds, Is.LessThan(15));
        Assert.That((atBig.LastAt - start).TotalMilliseconds, Is.EqualTo(1010).Within(2));
    }

    [Test]
    public void Two_that_send_much_share_the_uplink_evenly()
    {
        var rig = new LinkRig();
        (IConnection first, IConnection firstEnd) = rig.Connect(0, 1);
        (IConnection second, IConnection secondEnd) = rig.Connect(0, 2);
        LinkRig.Reading atFirst = rig.Read(firstEnd), atSecond = rig.Read(secondEnd);

        rig.Send(first, LinkRig.Bytes(1_000_000));
        rig.Send(second, LinkRig.Bytes(1_000_000));
        rig.Loop.RunFor(TimeSpan.FromSeconds(1));

        Assert.That(atFirst.Count, Is.EqualTo(495_000).Within(10_000));
        Assert.That(atSecond.Count, Is.EqualTo(atFirst.Count).Within(2 * Uplink.Quantum));
    }

    [TestCase(0.9, 0.0)]
    [TestCase(0.0, 0.5)]
    [TestCase(0.9, 0.5)]
    public void Jitter_and_loss_change_times_and_neither_bytes_nor_their_order(double jitter, double loss)
    {
        var calm = new LinkRig();
        var rough = new LinkRig(new UniformLinks(LinkRig.Delay) { Jitter = jitter, Loss = loss });
        TimeSpan[] times =
        [
            .. new[] { calm, rough }.Select(rig =>
            {
                (IConnection from, IConnection to) = rig.Connect(0, 1);
                LinkRig.Reading reading = rig.Read(to);
                TimeSpan start = rig.Loop.Now;
                rig.Send(from, LinkRig.Bytes(200_000));
                rig.Loop.RunFor(Minute);
                Assert.That(reading.Bytes, Is.EqualTo(LinkRig.Bytes(200_000)));
                return reading.LastAt - start;
            }),
        ];

        Assert.That(times[1], Is.Not.EqualTo(times[0]));
        if (loss > 0)
            Assert.That(times[1], Is.GreaterThan(times[0] + LinkModel.RetransmissionDelay));
    }

    [Test]
    public void Whoever_does_not_read_stops_the_sender_until_he_does()
    {
        const int much = 8_000_000;
        var rig = new LinkRig();
        (IConnection from, IConnection to) = rig.Connect(0, 1);

        rig.Send(from, LinkRig.Bytes(much));
        rig.Loop.RunFor(Minute);
        long taken = from.BytesSent;

        Assert.That(taken, Is.InRange(4_000_000, 4_500_000));
        rig.Loop.RunFor(Minute);
        Assert.That(from.BytesSent, Is.EqualTo(taken));
        LinkRig.Reading reading = rig.Read(to);
        rig.Loop.RunFor(Minute);
        Assert.That(reading.Count, Is.EqualTo(much));
        Assert.That(reading.Bytes, Is.EqualTo(LinkRig.Bytes(much)));
    }

    [Test]
    public void What_was_taken_before_a_close_is_delivered_and_then_comes_the_end()
    {
        var rig = new LinkRig();
        (IConnection from, IConnection to) = rig.Connect(0, 1);
        LinkRig.Reading reading = rig.Read(to);

        rig.Loop.Do(() =>
        {
            Assert.That(from.TrySend(LinkRig.Bytes(100_000)), Is.EqualTo(100_000));
            from.Close();
            from.Close();
        });
        rig.Loop.RunFor(Minute);

        Assert.That(reading.Bytes, Is.EqualTo(LinkRig.Bytes(100_000)));
        Assert.That(reading.HasEnded, Is.True);
        Assert.That(() => from.TrySend([1]), Throws.InstanceOf<IOException>());
        Assert.That(() => to.TrySend([1]), Throws.InstanceOf<IOException>());
        Assert.That(rig[0].Connections, Is.Empty);
    }

    [Test]
    public void A_reset_ends_reading_and_sending_with_an_error()
    {
        var rig = new LinkRig();
        (IConnection from, IConnection to) = rig.Connect(0, 1);
        LinkRig.Reading reading = rig.Read(to);

        rig.Loop.Do(((SimulatedConnection)to).Reset);

        Assert.That(reading.Error, Is.InstanceOf<IOException>());
        Assert.That(() => to.TrySend([1]), Throws.InstanceOf<IOException>());
        Assert.That(from.TrySend([1]), Is.EqualTo(1), "the other end does not know yet");
        Assert.That(() => rig.Loop.RunFor(Minute), Throws.Nothing, "what still comes is dropped");
    }

    [Test]
    public void Whoever_waits_for_room_is_told_when_the_connection_ends()
    {
        var rig = new LinkRig();
        (IConnection from, _) = rig.Connect(0, 1);
        Task? sending = null;
        rig.Loop.Do(() =>
        {
            while (from.TrySend(new byte[NodeDefaults.KernelSendBacklog]) > 0)
            {
            }

            sending = from.SendAsync(new byte[1]).AsTask();
        });

        rig.Loop.Do(from.Close);

        Assert.That(() => rig.Loop.RunUntilDone(sending!, Minute), Throws.InstanceOf<IOException>());
    }

    [Test]
    public void Nothing_passes_a_cut_line_and_everything_when_it_is_mended()
    {
        var rig = new LinkRig();
        (IConnection from, IConnection to) = rig.Connect(0, 1);
        (IConnection other, IConnection otherEnd) = rig.Connect(0, 2);
        LinkRig.Reading behind = rig.Read(to), beside = rig.Read(otherEnd);

        rig.Internet.Partition(host => host == 1 ? 1 : 0);
        rig.Send(from, LinkRig.Bytes(1000));
        rig.Send(other, LinkRig.Bytes(1000));
        rig.Loop.RunFor(Minute);
        Assert.That((behind.Count, beside.Count), Is.EqualTo((0, 1000)));

        rig.Internet.Heal();
        rig.Loop.RunFor(LinkModel.RetransmissionDelay);
        Assert.That(behind.Bytes, Is.EqualTo(LinkRig.Bytes(1000)));
    }
}
