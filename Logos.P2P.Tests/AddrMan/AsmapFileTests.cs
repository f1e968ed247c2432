using Logos.P2P.AddrMan;
using NUnit.Framework;

namespace Logos.P2P.Tests.AddrMan;

[TestFixture]
internal sealed class AsmapFileTests
{
    private string _directory = "";

    [SetUp]
    public void MakeDirectory() => _directory = Directory.CreateTempSubdirectory("logosp2p-asmap-").FullName;

    [TearDown]
    public void RemoveDirectory() => Directory.Delete(_directory, recursive: true);

    [Test]
    public void A_map_is_loaded()
    {
        Asmap map = AsmapFile.Load(Write(AsmapVectors.Small));
        Assert.That(map.AsnOf(Book.Host("250.1.1.1")), Is.EqualTo(1000));
        Assert.That(map.Version, Is.EqualTo(new Asmap(AsmapVectors.Small).Version));
    }

    [Test]
    public void A_missing_file_is_an_error_that_names_it()
    {
        AssertRefused(Path.Combine(_directory, "missing.dat"), "does not exist");
        AssertRefused(Path.Combine(_directory, "missing", "map.dat"), "does not exist");
    }

    [Test]
    public void An_empty_file_is_an_error_that_names_it() => AssertRefused(Write([]), "empty");

    [Test]
    public void A_file_of_something_else_is_an_error_that_names_it()
    {
        AssertRefused(Write("AS1000 250.0.0.0/8"u8.ToArray()), "damaged");
        AssertRefused(Write(AsmapVectors.Random[..400]), "damaged");
    }

    [Test]
    public void A_file_too_large_is_refused_unread()
    {
        string path = Path.Combine(_directory, "large.dat");
        using (FileStream file = File.Create(path))
            file.SetLength(1L << 40);
        AssertRefused(path, "more than");
    }

    [Test]
    public void A_directory_is_an_error_that_names_it() => AssertRefused(_directory, "cannot be read");

    private static void AssertRefused(string path, string why) => Assert.That(
        () => AsmapFile.Load(path),
        Throws.InstanceOf<AsmapException>().With.Message.Contains(why).And.Message.Contains(path));

    private string Write(byte[] bytes)
    {
        string path = Path.Combine(_directory, "map.dat");
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
