using Logos.P2P.AddrMan;
using Logos.P2P.Storage;
using Logos.P2P.Tests.Conformance;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.AddrMan;

/// <summary>A `peers.dat` on disk.</summary>
[TestFixture]
internal sealed class PeersFileStoreTests
{
    private string _directory = "";

    private string FilePath => Path.Combine(_directory, "peers.dat");

    [SetUp]
    public void MakeDirectory() => _directory = Directory.CreateTempSubdirectory("logosp2p-peers-").FullName;

    [TearDown]
    public void RemoveDirectory() => Directory.Delete(_directory, recursive: true);

    [Test]
    public void What_is_saved_is_loaded_and_nothing_else_is_left()
    {
        PeersFileStore.Save(FilePath, Image("250.1.1.1"), P2PNetwork.Main);
        PeersFileStore.Save(FilePath, Image("250.1.1.1", "250.2.1.1"), P2PNetwork.Main);
        Assert.That(PeersFileStore.Load(FilePath, P2PNetwork.Main, out PeersFileAside? aside)!.Entries, Has.Count.EqualTo(2));
        Assert.That(aside, Is.Null);
        Assert.That(Directory.GetFiles(_directory), Is.EqualTo((string[])[FilePath]));
    }

    [Test]
    public void Only_the_owner_may_read_the_key()
    {
        if (OperatingSystem.IsWindows())
            return;
        PeersFileStore.Save(FilePath, Image("250.1.1.1"), P2PNetwork.Main);
        Assert.That(File.GetUnixFileMode(FilePath), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Test]
    public void No_file_that_is_there_before_is_written_through()
    {
        if (OperatingSystem.IsWindows())
            return;
        string open = FilePath + ".new";
        File.WriteAllText(open, "another's");

        PeersFileStore.Save(FilePath, Image("250.1.1.1"), P2PNetwork.Main);

        Assert.That(File.GetUnixFileMode(FilePath), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.That(File.ReadAllText(open), Is.EqualTo("another's"));
    }

    [Test]
    public void Two_who_write_one_file_do_not_get_in_each_others_way()
    {
        PeersImage image = Image([.. Enumerable.Range(1, 200).Select(i => $"20.{i}.1.1")]);

        Assert.That(
            () => Parallel.For(0, 50, _ => PeersFileStore.Save(FilePath, image, P2PNetwork.Main)), Throws.Nothing);

        Assert.That(PeersFileStore.Load(FilePath, P2PNetwork.Main, out _)!.Entries, Has.Count.EqualTo(image.Entries.Count));
        Assert.That(Directory.GetFiles(_directory), Is.EqualTo((string[])[FilePath]));
    }

    [Test]
    [Conformance("M2")]
    public void Without_a_file_there_is_nothing_to_load()
    {
        Assert.That(PeersFileStore.Load(FilePath, P2PNetwork.Main, out _), Is.Null);
        Assert.That(PeersFileStore.Load(Path.Combine(_directory, "none", "x"), P2PNetwork.Main, out _), Is.Null);
    }

    [Test]
    public void A_damaged_file_is_an_error_that_names_it_and_is_left_alone()
    {
        PeersFileStore.Save(FilePath, Image("250.1.1.1"), P2PNetwork.Main);
        byte[] bytes = File.ReadAllBytes(FilePath);
        File.WriteAllBytes(FilePath, bytes[..^1]);
        Assert.That(
            () => PeersFileStore.Load(FilePath, P2PNetwork.Main, out _),
            Throws.InstanceOf<StoreException>().With.Message.Contains(FilePath).And.Message.Contains("cut short"));
        Assert.That(File.ReadAllBytes(FilePath), Is.EqualTo(bytes[..^1]));
    }

    [Test]
    [Conformance("M2")]
    public void A_newer_file_is_set_aside_and_none_that_was_set_aside_before_is_lost()
    {
        byte[] newer = PeersFile.Write(Image("250.1.1.1"), P2PNetwork.Main);
        newer[5] = 32 + 2;
        for (int i = 1; i <= 3; i++)
        {
            File.WriteAllBytes(FilePath, newer);
            Assert.That(PeersFileStore.Load(FilePath, P2PNetwork.Main, out PeersFileAside? aside), Is.Null);
            Assert.That(aside!.Path, Is.EqualTo(FilePath + (i == 1 ? ".bak" : $".bak{i}")));
            Assert.That(File.ReadAllBytes(aside.Path), Is.EqualTo(newer));
            Assert.That(File.Exists(FilePath), Is.False);
        }
    }

    [Test]
    public void A_file_far_too_large_is_refused_without_reading_it_all()
    {
        byte[] bytes = PeersFile.Write(Image("250.1.1.1"), P2PNetwork.Main);
        using (FileStream file = File.Create(FilePath))
        {
            file.Write(bytes);
            file.SetLength(1L << 40);
        }

        Assert.That(
            () => PeersFileStore.Load(FilePath, P2PNetwork.Main, out _),
            Throws.InstanceOf<StoreException>().With.Message.Contains("too many"));
    }

    [Test]
    public void Where_nothing_can_be_written_the_old_file_stays_and_the_error_names_it()
    {
        string nowhere = Path.Combine(_directory, "none", "peers.dat");
        Assert.That(
            () => PeersFileStore.Save(nowhere, Image("250.1.1.1"), P2PNetwork.Main),
            Throws.InstanceOf<StoreException>().With.Message.Contains(nowhere));

        Directory.CreateDirectory(FilePath);
        Assert.That(
            () => PeersFileStore.Save(FilePath, Image("250.1.1.1"), P2PNetwork.Main),
            Throws.InstanceOf<StoreException>().With.Message.Contains(FilePath));
        Assert.That(Directory.GetFiles(_directory), Is.Empty, "the temporary file is gone");
    }

    private static PeersImage Image(params string[] addresses)
    {
        var book = new Book();
        foreach (string address in addresses)
            book.Add(address);
        return new PeersImage { Key = book.Options.Key, Grouping = "prefix", Entries = book.Manager.Snapshot() };
    }
}
