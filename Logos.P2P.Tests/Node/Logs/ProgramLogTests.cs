using System.Text;
using System.Text.Json.Nodes;
using Logos.P2P.Node.Logs;
using Microsoft.Extensions.Logging;
using NUnit.Framework;

namespace Logos.P2P.Tests.Node.Logs;

/// <summary>What of a node's events is logged, and in which form.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ProgramLogTests
{
    private static readonly DateTimeOffset Now = new(2031, 2, 3, 4, 5, 6, 789, TimeSpan.Zero);
    private static readonly EventId Net = new(201, "PeerReady"), Relay = new(401, "MessageHandled"), Life = new(101, "Started");

    private readonly ManualTimeProvider _clock = new(Now);
    private LogSettings _settings = LogSettings.Default;

    [Test]
    public void A_line_tells_when_what_about_and_how_bad()
    {
        Assert.That(
            Written(log =>
            {
                Log(log, LogLevel.Information, Life, "Started on Main");
                Log(log, LogLevel.Information, Net, "Peer 7 is ready");
                Log(log, LogLevel.Warning, Net, "Not good");
                log.Log(LogLevel.Error, Life, "Bad", new IOException("the cause"), (text, _) => text);
            }),
            Is.EqualTo(
                """
                2031-02-03T04:05:06.789Z Started on Main
                2031-02-03T04:05:06.789Z [net] Peer 7 is ready
                2031-02-03T04:05:06.789Z [net:warning] Not good
                2031-02-03T04:05:06.789Z [error] Bad | System.IO.IOException: the cause

                """));
    }

    [Test]
    public void As_JSON_a_program_finds_each_part()
    {
        _settings = _settings with { IsJson = true };

        JsonNode line = JsonNode.Parse(Written(log =>
            Log(log, LogLevel.Warning, Net, "Peer 7 is \"odd\"\n", ("Peer", 7L), ("Word", "\"odd\"\n"))))!;

        Assert.That(line["time"]!.GetValue<string>(), Is.EqualTo("2031-02-03T04:05:06.789Z"));
        Assert.That(line["level"]!.GetValue<string>(), Is.EqualTo("warning"));
        Assert.That(line["category"]!.GetValue<string>(), Is.EqualTo("net"));
        Assert.That(line["id"]!.GetValue<int>(), Is.EqualTo(201));
        Assert.That(line["event"]!.GetValue<string>(), Is.EqualTo("PeerReady"));
        Assert.That(line["message"]!.GetValue<string>(), Is.EqualTo("Peer 7 is \"odd\"\n"));
        Assert.That(line["fields"]!.ToJsonString(), Is.EqualTo("""{"Peer":7,"Word":"\u0022odd\u0022\n"}"""));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void What_a_stranger_writes_is_one_line_and_steers_no_terminal(bool asJson)
    {
        _settings = _settings with { IsJson = asJson };

        string written = Written(log => Log(log, LogLevel.Information, Net, "Peer (x\n2031-02-03 forged\u001b[2J\r)"));

        Assert.That(written.Count(c => c == '\n'), Is.EqualTo(1));
        Assert.That(written.TrimEnd('\n').Any(char.IsControl), Is.False);
    }

    [Test]
    public void Details_are_logged_of_the_categories_that_are_asked_for_and_that_may_change()
    {
        string written = Written(log =>
        {
            Log(log, LogLevel.Debug, Net, "left out");
            _settings.Categories.TrySet("relay", true);
            Log(log, LogLevel.Debug, Relay, "relay");
            Log(log, LogLevel.Debug, Net, "left out");
            Log(log, LogLevel.Debug, Life, "life");
            _settings.Categories.TrySet("all", true);
            Log(log, LogLevel.Debug, Net, "net");
            _settings.Categories.TrySet("net", false);
            Log(log, LogLevel.Debug, Net, "left out");
        });

        Assert.That(
            written.Split('\n').Select(line => line.Split(' ')[^1]), Is.EqualTo(new[] { "relay", "life", "net", "" }));
    }

    [Test]
    public void A_flood_of_one_kind_is_cut_and_told_and_the_others_go_on()
    {
        const int Flood = 20_000;
        string written = Written(log =>
        {
            for (int i = 0; i < Flood; i++)
            {
                Log(log, LogLevel.Information, Net, new string('x', 200));
                // The writer has a queue, and this is about the limit.
                if (i % 1000 == 0)
                    Thread.Yield();
            }

            Log(log, LogLevel.Information, Life, "goes on");
        });

        Assert.That(written.Length, Is.LessThan(LogLimit<int>.BytesPerWindow + 2000));
        Assert.That(written, Does.Contain("[warning] More than 1 MiB of the kind above within an hour"));
        Assert.That(written, Does.EndWith("goes on\n"));
    }

    [Test]
    public void The_file_has_what_the_console_has()
    {
        using var directory = new TemporaryDirectory();
        _settings = _settings with { File = directory.File("debug.log") };

        string console = Written(log => Log(log, LogLevel.Information, Life, "both"));

        Assert.That(File.ReadAllText(directory.File("debug.log")), Is.EqualTo(console).And.EndsWith("both\n"));
    }

    [Test]
    public void A_reader_that_does_not_read_holds_nobody_up_and_what_is_lost_is_counted()
    {
        using var stuck = new StuckStream();
        using (var log = new ProgramLog(_settings with { IsLimited = false }, stuck, _clock))
        {
            ILogger logger = log.CreateLogger("test");
            for (int i = 0; i < 20_000; i++)
                Log(logger, LogLevel.Information, Net, "line");
            stuck.Release();
        }

        string written = stuck.Text;
        int lines = written.Split('\n').Count(line => line.EndsWith("line", StringComparison.Ordinal));
        Assert.That(written, Does.Match($@"\b{20_000 - lines} lines of the log are lost"));
    }

    private static void Log(ILogger log, LogLevel level, EventId id, string text, params (string Name, object? Value)[] fields)
    {
        KeyValuePair<string, object?>[] state =
            [.. fields.Select(field => KeyValuePair.Create(field.Name, field.Value)), KeyValuePair.Create("{OriginalFormat}", (object?)"")];
        log.Log(level, id, state, null, (_, _) => text);
    }

    private string Written(Action<ILogger> write)
    {
        using var console = new MemoryStream();
        using (var log = new ProgramLog(_settings, console, _clock))
            write(log.CreateLogger("test"));
        return Encoding.UTF8.GetString(console.ToArray());
    }

    /// <summary>Standard error into a pipe that nobody reads, for a while.</summary>
    private sealed class StuckStream : MemoryStream
    {
        private readonly ManualResetEventSlim _released = new();

        public string Text => Encoding.UTF8.GetString(ToArray());

        public void Release() => _released.Set();

        public override void Write(byte[] buffer, int offset, int count)
        {
            _released.Wait();
            base.Write(buffer, offset, count);
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            _released.Wait();
            base.Write(buffer);
        }

        protected override void Dispose(bool disposing)
        {
            _released.Dispose();
            base.Dispose(disposing);
        }
    }
}
