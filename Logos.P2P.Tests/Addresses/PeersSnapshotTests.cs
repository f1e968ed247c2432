using Logos.P2P.Addresses;
using Logos.P2P.AddrMan;
using Logos.P2P.Storage;
using Logos.P2P.Tests.AddrMan;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;

namespace Logos.P2P.Tests.Addresses;

internal sealed class PeersSnapshotTests
{
    [Test]
    public async Task The_file_is_written_every_fifteen_minutes_and_holds_the_book_and_its_key()
    {
        using var directory = new TemporaryDirectory();
        string file = directory.File(PeersSnapshot.FileName);
        var book = new Book();
        book.Add("20.1.1.1");
        PeersSnapshot snapshot = Snapshot(book, file);

        book.Clock.Advance(PeersSnapshot.Interval - TimeSpan.FromSeconds(1));
        snapshot.Tick();
        await snapshot.Writing;
        Assert.That(file, Does.Not.Exist);

        book.Clock.Advance(TimeSpan.FromSeconds(1));
        snapshot.Tick();
        await snapshot.Writing;
        PeersImage image = PeersFileStore.Load(file, P2PNetwork.Main, out _)!;
        Assert.That(image.Entries, Is.EquivalentTo(book.Manager.Snapshot()));
        Assert.That(image.WasPlacedBy(book.Options.Key.Span, "prefix"), Is.True);
    }

    [Test]
    public void Without_news_the_file_is_not_written_again_unless_it_is_gone()
    {
        using var directory = new TemporaryDirectory();
        string file = directory.File(PeersSnapshot.FileName);
        var book = new Book();
        book.Add("20.1.1.1");
        PeersSnapshot snapshot = Snapshot(book, file);
        snapshot.Write();
        File.WriteAllText(file, "as it was");

        snapshot.Write();
        Assert.That(File.ReadAllText(file), Is.EqualTo("as it was"));

        book.Add("20.2.1.1");
        snapshot.Write();
        Assert.That(PeersFileStore.Load(file, P2PNetwork.Main, out _)!.Entries, Has.Count.EqualTo(2));

        File.Delete(file);
        snapshot.Write();
        Assert.That(PeersFileStore.Load(file, P2PNetwork.Main, out _)!.Entries, Has.Count.EqualTo(2));
    }

    [Test]
    public void A_file_that_cannot_be_written_is_no_reason_to_stop()
    {
        using var directory = new TemporaryDirectory();

        Assert.That(Snapshot(new Book(), directory.File("missing", "peers.dat")).Write, Throws.Nothing);
    }

    private static PeersSnapshot Snapshot(Book book, string file) => new(
        book.Manager,
        book.Options.Key.ToArray(),
        file,
        new NetworkPolicy(P2PNetwork.Main, privateNet: false),
        new NodeClock(book.Clock),
        new NodeTasks(),
        NullLogger.Instance);
}
