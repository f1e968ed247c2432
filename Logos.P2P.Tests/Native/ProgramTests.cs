using NUnit.Framework;

namespace Logos.P2P.Tests.Native;

/// <summary>Programs in C and C++ on the shared library. They check themselves; what they check stands in them.</summary>
internal sealed class ProgramTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly TemporaryDirectory _directory = new();

    [OneTimeTearDown]
    public void Remove() => _directory.Dispose();

    [Test]
    public void Nodes_in_a_program_in_C_do_all_that_the_header_says()
    {
        string output = Run("two_nodes.c", "c11");

        Assert.That(
            output.Trim(), Is.EqualTo("signals: 8 11 34"),
            "Arithmetic and memory faults and one real-time signal are what the runtime lives on; SIGPIPE, among others, is the host's.");
    }

    [TestCase("c++14")]
    [TestCase("c++20")]
    public void Code_of_the_Logos_stack_compiles_and_works(string standard)
    {
        Assume.That(File.Exists("/usr/include/lmdb.h"), "liblmdb-dev is not installed (eng/prepare --dev).");
        string data = Directory.CreateDirectory(_directory.File($"interface-{standard}")).FullName;
        Run("interface.cpp", standard, ["-llmdb"], data);
    }

    [TestCase("c++14")]
    public void Without_lmdb_the_class_needs_none(string standard)
    {
        string source = _directory.File("without.cpp");
        File.WriteAllText(source, "#include \"p2p.h\"\nint main() { p2p_interface p2p; p2p_config c{}; c.test_mode = true; return !p2p.Init(c); }\n");
        string program = _directory.File("without");
        NativeBuild.Compile(source, standard, program);
        Assert.That(NativeBuild.Run(Patience, program, []), Is.EqualTo((0, "")));
    }

    [Test]
    public void The_hosts_threads_do_the_work_when_it_brings_some() => Run("executor.cpp", "c++14");

    [Test]
    public void A_thousand_lives_leave_the_memory_as_it_was() => Run("cycles.c", "c11", [], "1000");

    [Test]
    public void Valgrind_finds_no_error()
    {
        Assume.That(NativeBuild.IsInstalled("valgrind"), "valgrind is not installed (eng/prepare --dev).");
        string program = _directory.File("two_nodes.valgrind");
        NativeBuild.Compile(NativeBuild.Source("two_nodes.c"), "c11", program);

        // The collector reserves more address space than valgrind has, unless it is told how much it may have.
        (int code, string output) = NativeBuild.Run(
            Patience, "valgrind", ["--error-exitcode=9", "--num-callers=30", program], ("DOTNET_GCHeapHardLimit", "10000000"));

        Assert.That(code, Is.Zero, output);
        Assert.That(output, Does.Contain("ERROR SUMMARY: 0 errors"));
    }

    private string Run(string source, string standard, string[]? libraries = null, params string[] arguments)
    {
        string program = _directory.File($"{source}.{standard}");
        NativeBuild.Compile(NativeBuild.Source(source), standard, program, libraries ?? []);
        (int code, string output) = NativeBuild.Run(Patience, program, arguments);
        TestContext.Out.Write(output);
        Assert.That(code, Is.Zero, output);
        return output;
    }
}
