using Logos.P2P.Transport;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Simulation.Links;

/// <summary>Dials that are answered, refused and lost, and machines whose process dies.</summary>
internal sealed class SimulatedHostTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Test]
    public void A_dial_takes_a_round_trip_and_both_ends_know_each_other()
    {
        var rig = new LinkRig();

        (IConnection dialled, IConnection accepted) = rig.Connect(0, 1);

        Assert.That(dialled.RemoteEndpoint, Is.EqualTo(rig.EndpointOf(1)));
        Assert.That(accepted.LocalEndpoint, Is.EqualTo(rig.EndpointOf(1)));
        Assert.That(accepted.RemoteEndpoint, Is.EqualTo(dialled.LocalEndpoint));
        Assert.That(dialled.LocalEndpoint.Address, Is.EqualTo(rig[0].Address));
        // There, back, and there again before the other side has it.
        Assert.That(rig.Loop.Now.TotalMilliseconds, Is.EqualTo(30).Within(0.5));
    }

    [Test]
    public void Where_nothing_listens_a_dial_is_refused_after_a_round_trip()
    {
        var rig = new LinkRig();
        rig.ListenerOf(1).Dispose();

        Task<IConnection> dial = rig.Dial(0, rig.EndpointOf(1));

        Assert.That(() => rig.Loop.RunUntilDone(dial, Minute), Throws.InstanceOf<IOException>());
        Assert.That(rig.Loop.Now.TotalMilliseconds, Is.EqualTo(20).Within(0.5));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Where_nobody_is_or_the_line_is_cut_a_dial_waits_until_it_is_given_up(bool isCut)
    {
        var rig = new LinkRig();
        NetEndpoint to = isCut ? rig.EndpointOf(1) : new NetEndpoint(LinkRig.AddressOf(99), LinkRig.Port);
        if (isCut)
            rig.Internet.Partition(host => host);
        using var patience = new CancellationTokenSource();

        Task<IConnection> dial = rig.Dial(0, to, patience.Token);
        rig.Loop.RunFor(Minute);
        Assert.That(dial.IsCompleted, Is.False);

        rig.Loop.Do(patience.Cancel);
        Assert.That(dial.IsCanceled, Is.True);
    }

    [Test]
    public void A_dial_that_was_given_up_leaves_no_connection()
    {
        var rig = new LinkRig();
        using var patience = new CancellationTokenSource();
        Task<IConnection> dial = rig.Dial(0, rig.EndpointOf(1), patience.Token);

        rig.Loop.RunFor(LinkRig.Delay);
        rig.Loop.Do(patience.Cancel);
        rig.Loop.RunFor(Minute);

        Assert.That(dial.IsCanceled, Is.True);
        Assert.That(rig[0].Connections.Count + rig[1].Connections.Count, Is.Zero);
    }

    [Test]
    public void Two_cannot_listen_on_one_port_until_the_first_is_gone()
    {
        var rig = new LinkRig();
        Assert.That(() => rig[0].Listen(rig.EndpointOf(0)), Throws.InstanceOf<IOException>());

        rig.ListenerOf(0).Dispose();

        Assert.That(() => rig[0].Listen(rig.EndpointOf(0)).Dispose(), Throws.Nothing);
    }

    [Test]
    public void A_listener_that_is_disposed_ends_who_waits_for_it_and_what_it_has_not_accepted()
    {
        var rig = new LinkRig();
        Task<IConnection> dial = rig.Dial(0, rig.EndpointOf(1));
        rig.Loop.RunUntilDone(dial, Minute);
        LinkRig.Reading reading = rig.Read(dial.Result);
        rig.Loop.RunFor(Minute);

        rig.Loop.Do(rig.ListenerOf(1).Dispose);
        rig.Loop.RunFor(Minute);

        Assert.That(reading.HasEnded, Is.True);
        Task<IConnection?> accept = rig.ListenerOf(1).AcceptAsync();
        Assert.That(accept.Result, Is.Null);
    }

    [Test]
    public void When_a_process_dies_the_others_are_told_and_its_unsent_bytes_are_lost()
    {
        var rig = new LinkRig();
        (IConnection dying, IConnection other) = rig.Connect(0, 1);
        LinkRig.Reading reading = rig.Read(other);
        TimeSpan start = rig.Loop.Now;

        rig.Loop.Do(() =>
        {
            dying.TrySend(LinkRig.Bytes(100_000));
            rig[0].Crash();
        });
        rig.Loop.RunFor(Minute);

        Assert.That(reading.Error, Is.InstanceOf<IOException>());
        Assert.That(reading.Count, Is.LessThan(100_000));
        Assert.That(rig.Loop.Now - start, Is.EqualTo(Minute));
        Task<IConnection> dial = rig.Dial(1, rig.EndpointOf(0));
        Assert.That(() => rig.Loop.RunUntilDone(dial, Minute), Throws.InstanceOf<IOException>());
    }
}
