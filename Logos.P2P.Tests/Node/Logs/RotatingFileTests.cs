using System.Text;
using Logos.P2P.Node.Logs;
using NUnit.Framework;

namespace Logos.P2P.Tests.Node.Logs;

/// <summary>A log file that is put aside when it has become large.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class RotatingFileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string Name => _directory.File("logs", "debug.log");

    public void Dispose() => _directory.Dispose();

    [Test]
    public void No_file_is_larger_than_its_size_and_five_old_ones_are_kept()
    {
        using (var file = new RotatingFile(Name, 10))
        {
            for (int i = 0; i < 20; i++)
                file.Write(Encoding.ASCII.GetBytes($"line{i:00}\n"));
        }

        string[] files = [.. Directory.GetFiles(_directory.File("logs")).Order()];
        Assert.That(files, Is.EqualTo(Enumerable.Range(1, 5).Select(age => $"{Name}.{age}").Prepend(Name)));
        Assert.That(files.Select(File.ReadAllText), Is.EqualTo(new[] { "line19\n", "line18\n", "line17\n", "line16\n", "line15\n", "line14\n" }));
    }

    [Test]
    public void What_was_there_before_goes_on()
    {
        for (int i = 0; i < 2; i++)
        {
            using var file = new RotatingFile(Name, 100);
            file.Write("x\n"u8);
        }

        Assert.That(File.ReadAllText(Name), Is.EqualTo("x\nx\n"));
    }

    [Test]
    public void A_line_longer_than_a_file_has_one_of_its_own()
    {
        using (var file = new RotatingFile(Name, 4))
        {
            file.Write("a\n"u8);
            file.Write("longer than that\n"u8);
            file.Write("b\n"u8);
        }

        Assert.That(File.ReadAllText($"{Name}.1"), Is.EqualTo("longer than that\n"));
        Assert.That(File.ReadAllText(Name), Is.EqualTo("b\n"));
    }

    [Test]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public void It_is_its_owner_s_alone()
    {
        using var file = new RotatingFile(Name, 100);

        Assert.That(File.GetUnixFileMode(Name), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }
}
