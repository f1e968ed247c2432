using Logos.P2P.Tests.Node;
using Logos.P2P.Tests.Peers;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Floods;

internal sealed class DescriptorTests
{
    [Test]
    public async Task A_node_with_few_descriptors_takes_fewer_peers_and_lives_on_however_many_dial()
    {
        using var directory = new TemporaryDirectory();
        await using ProgramProcess node = ProgramProcess.StartNodeWithDescriptors(
            300, directory.Path, "-connect=0", "-maxconnections=1000", "-server", "-rpcport=0");
        int port = await node.WaitForPortAsync();
        await node.Errors.WaitForAsync("At most 100 of 1000 inbound connections");
        NetEndpoint endpoint = PeerRig.Endpoint("127.0.0.1", (ushort)port);
        string control = await node.Errors.WaitForAsync("Control interface at ");
        int controlPort = new Uri(control[control.IndexOf("http", StringComparison.Ordinal)..]).Port;
        using RawPeer healthy = RawPeer.Connect(endpoint);
        using (var flood = new ConnectFlood(port, perSecond: 1000))
        using (var controlFlood = new ConnectFlood(controlPort, perSecond: 1000))
            await Eventually.IsAsync(() => flood.Dialled >= 1000 && controlFlood.Dialled >= 1000);

        healthy.Sync();
        using (RawPeer newcomer = RawPeer.Connect(endpoint))
            newcomer.Sync();

        Assert.That(await node.StopAsync(), Is.Zero);
        Assert.That(node.Errors.Text, Does.Not.Contain("No connections are accepted"), "It never came to that.");
    }

    /// <summary>
    /// Less than it has from one moment to the next. .NET ends a process whose thread pool cannot start a thread for want of
    /// descriptors, so the pool may have no more threads than it has by then, and all this takes no longer than it takes to see.
    /// </summary>
    [Test]
    public async Task A_node_without_descriptors_pauses_accepting_keeps_its_peers_and_accepts_again_when_there_are_some()
    {
        using var directory = new TemporaryDirectory();
        await using ProgramProcess node = ProgramProcess.StartNodeWithThreads(2, directory.Path, "-connect=0");
        NetEndpoint endpoint = PeerRig.Endpoint("127.0.0.1", (ushort)await node.WaitForPortAsync());
        using RawPeer healthy = RawPeer.Connect(endpoint);
        if (!await node.TryLimitDescriptorsAsync(10))
            Assert.Ignore("There is no prlimit here, or it may not be used.");

        Task<RawPeer> newcomer = Task.Run(() => RawPeer.Connect(endpoint));
        await node.Errors.WaitForAsync("No connections are accepted");
        healthy.Sync();
        Assert.That(newcomer.IsCompleted, Is.False);
        Assert.That(await node.TryLimitDescriptorsAsync(1024), Is.True);

        await node.Errors.WaitForAsync("again");
        using (RawPeer peer = await newcomer.WaitAsync(TestNode.Patience))
            peer.Sync();
        healthy.Sync();
        Assert.That(await node.StopAsync(), Is.Zero);
    }
}
