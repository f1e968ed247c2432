using System.Text.RegularExpressions;
using Logos.P2P.Tests.Api;
using NUnit.Framework;

namespace Logos.P2P.Tests.Native;

/// <summary>What the shared library shows to those who link with it, and what it needs.</summary>
internal sealed partial class ExportsTests
{
    private const long MaxSize = 15_000_000;

    [Test]
    public void Snapshot_of_the_exported_symbols_is_what_is_exported()
    {
        string[] symbols = Symbols();
        Snapshot.Compare("liblogosp2p.txt", symbols);
    }

    [Test]
    public void The_header_declares_what_is_exported_and_nothing_else()
    {
        string header = File.ReadAllText(Repository.Find("Logos.P2P.Native", "include", "logos_p2p.h"));
        string code = Comment().Replace(header, "");
        IEnumerable<string> declared = Declaration().Matches(code).Select(match => match.Groups[1].Value).Distinct();

        Assert.That(Symbols().Where(symbol => symbol.StartsWith("logos_", StringComparison.Ordinal)), Is.EquivalentTo(declared));
    }

    [Test]
    public void It_needs_nothing_but_the_C_library_and_is_small()
    {
        (int code, string output) = NativeBuild.Run(TestNode.Patience, "ldd", [NativeBuild.Library]);
        Assert.That(code, Is.Zero, output);
        string[] needed = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim().Split(' ')[0])];
        Assert.That(
            needed.Where(name => !CLibrary().IsMatch(name)), Is.Empty, "No .NET, no OpenSSL, no liblmdb.");
        Assert.That(new FileInfo(NativeBuild.Library).Length, Is.LessThan(MaxSize));
    }

    [Test]
    public void It_runs_where_there_is_nothing_but_the_C_library()
    {
        Assume.That(Environment.IsPrivilegedProcess, "chroot is for root.");
        using var root = new TemporaryDirectory();
        NativeBuild.Compile(NativeBuild.Source("two_nodes.c"), "c11", root.File("two_nodes"));
        (_, string output) = NativeBuild.Run(TestNode.Patience, "ldd", [root.File("two_nodes")]);
        foreach (Match path in SharedFile().Matches(output))
        {
            string copy = root.Path + path.Value;
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(path.Value, copy);
        }

        Assert.That(
            NativeBuild.Run(TestNode.Patience, "chroot", [root.Path, "/two_nodes"]), Is.EqualTo((0, "signals: 8 11 34\n")));
    }

    private static string[] Symbols()
    {
        (int code, string output) = NativeBuild.Run(TestNode.Patience, "nm", ["-D", "--defined-only", NativeBuild.Library]);
        Assert.That(code, Is.Zero, output);
        return
        [
            .. output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Where(line => !line.Contains(" A ", StringComparison.Ordinal))
                .Select(line => line.Split(' ')[^1].Split('@')[0])
                .Order(StringComparer.Ordinal),
        ];
    }

    [GeneratedRegex(@"/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"^[a-z][\w \*]*?\b(logos_p2p_\w+)\s*\(", RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"/\S+\.so\S*")]
    private static partial Regex SharedFile();

    [GeneratedRegex(@"^(linux-vdso\.so\.1|lib(c|m|pthread|dl|rt)\.so\.\d+|/lib.*/ld-linux.*)$")]
    private static partial Regex CLibrary();
}
