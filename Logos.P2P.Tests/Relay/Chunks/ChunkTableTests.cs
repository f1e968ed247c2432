using Logos.P2P.Relay.Chunks;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Relay.Chunks;

/// <summary>The messages that travel in chunks just now.</summary>
internal sealed class ChunkTableTests
{
    private static readonly ShortId Name = new(1);

    private readonly FramePool _frames = new(P2PNetwork.Regtest);

    private readonly ChunkTable _table = new();

    [Test]
    public void Who_ends_what_has_ended_does_not_end_what_came_again_under_its_name()
    {
        ChunkAssembly first = Add();
        _table.End(first);
        ChunkAssembly second = Add();

        _table.End(first);

        Assert.That(_table.TryFind(Name, out ChunkAssembly? found), Is.True);
        Assert.That(found, Is.SameAs(second));
        _table.End(second);
        Assert.That(_table.All, Is.Empty);
        Assert.That(_frames.UsedFrames, Is.Zero);
    }

    [Test]
    public void Nobody_is_told_any_more_of_what_has_ended()
    {
        ChunkAssembly assembly = Add();
        assembly.TellAt = assembly.AnnounceAt = TimeSpan.Zero;

        _table.End(assembly);

        Assert.That((assembly.TellAt, assembly.AnnounceAt), Is.EqualTo(((TimeSpan?)null, (TimeSpan?)null)));
    }

    private ChunkAssembly Add()
    {
        ChunkList list = ChunkRig.ListOf(ChunkRig.Message());
        Frame frame = _frames.Create(list);
        ChunkAssembly added =
            _table.GetOrAdd(Name, () => new ChunkAssembly(Name, default, frame, list, null, TimeSpan.Zero), null)!;
        frame.Release();
        return added;
    }
}
