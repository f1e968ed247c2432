using System.Net;
using Logos.P2P.Diagnostics;
using Logos.P2P.Testnet.Processes;
using Logos.P2P.Tests.Raw;
using Logos.P2P.Tests.Wire;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Diagnostics;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class CaptureDirectoryTests : IDisposable
{
    private const string PeerName = "[2001_db8__7]_14497";

    private static readonly NetEndpoint Peer = new(NetAddress.From(IPAddress.Parse("2001:db8::7")), 14497);

    private readonly TemporaryDirectory _directory = new();
    private readonly ManualTimeProvider _clock = new(DateTimeOffset.UnixEpoch.AddYears(60).AddMicroseconds(1234));
    private readonly LogRecorder _log = new();

    private string Captures => _directory.File("captures");

    public void Dispose() => _directory.Dispose();

    [Test]
    public void Frames_that_leave_together_are_messages_with_the_time_of_day()
    {
        byte[] large = new TestRandom(1).Bytes(70_000);
        byte[] frames = [.. RawBytes.Frame("ping", RawBytes.U64(1)), .. RawBytes.Frame("verack", []), .. RawBytes.Frame("logos", large)];
        byte[] before = [.. frames];
        MessageCapture capture = Open().Open(Peer);

        capture.Sent(frames);
        capture.Sent(frames);

        (string, byte[])[] expected = [("ping", RawBytes.U64(1)), ("verack", []), ("logos", large)];
        Assert.That(CapturedFile.Read(FileOf("msgs_sent.dat")), Is.EqualTo(expected.Concat(expected)));
        ulong time = (ulong)(_clock.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalMicroseconds;
        Assert.That(CaptureHeader.Read(File.ReadAllBytes(FileOf("msgs_sent.dat"))).Microseconds, Is.EqualTo(time));
        Assert.That(frames, Is.EqualTo(before), "Others send them too.");
    }

    [Test]
    public void What_several_connections_of_a_peer_write_at_once_is_whole()
    {
        CaptureDirectory directory = Open();
        MessageCapture[] captures = [.. Enumerable.Range(0, 4).Select(_ => directory.Open(Peer))];

        Parallel.For(0, 400, i => captures[i % 4].Sent(RawBytes.Frame("ping", RawBytes.U64((ulong)i))));

        Assert.That(
            CapturedFile.Read(FileOf("msgs_sent.dat")).Select(message => BitConverter.ToInt32(message.Payload)),
            Is.EquivalentTo(Enumerable.Range(0, 400)));
        Assert.That(_log.Lines, Is.Empty);
    }

    [Test]
    public void Files_are_their_owners_alone_and_may_be_deleted_at_any_time()
    {
        if (OperatingSystem.IsWindows())
            return;
        MessageCapture capture = Open().Open(Peer);
        capture.Sent(RawBytes.Frame("verack", []));
        Assert.That(File.GetUnixFileMode(FileOf("msgs_sent.dat")), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));

        Directory.Delete(Captures, recursive: true);
        capture.Sent(RawBytes.Frame("getaddr", []));

        Assert.That(CapturedFile.Read(FileOf("msgs_sent.dat")).Single().Command, Is.EqualTo("getaddr"));
        Assert.That(_log.Lines, Is.Empty);
    }

    [Test]
    public void When_nothing_can_be_written_that_is_logged_once_without_the_peer_and_nothing_more_is_tried()
    {
        Directory.CreateDirectory(Captures);
        File.WriteAllText(Path.Combine(Captures, PeerName), "a file where the directory should be");
        CaptureDirectory directory = Open();
        byte[] frame = RawBytes.Frame("verack", []);

        Parallel.For(0, 20, _ => directory.Open(Peer).Sent(frame));
        Directory.Delete(Captures, recursive: true);
        directory.Open(Peer).Sent(frame);

        Assert.That(_log.Lines, Has.Count.EqualTo(1));
        Assert.That(_log.Lines[0], Does.StartWith($"Messages cannot be written to '{Captures}', and are not until the next start: "));
        Assert.That(_log.Lines[0], Does.Not.Contain("2001"));
        Assert.That(Directory.Exists(Captures), Is.False);
    }

    [Test]
    public void A_disk_that_is_full_has_whole_messages_on_it()
    {
        if (!SmallDisk.IsPossible())
            Assert.Ignore("Only root may mount a small disk.");
        Directory.CreateDirectory(Captures);
        SmallDisk.Mount(Captures);
        try
        {
            MessageCapture capture = Open().Open(Peer);
            byte[] frame = RawBytes.Frame("logos", new TestRandom(1).Bytes(1_000_000));
            for (int i = 0; i < 20; i++)
                capture.Sent(frame);

            Assert.That(CapturedFile.Read(FileOf("msgs_sent.dat")), Has.Count.InRange(10, 16));
            Assert.That(_log.Lines, Has.Count.EqualTo(1));
        }
        finally
        {
            SmallDisk.Unmount(Captures);
        }
    }

    private CaptureDirectory Open() => new(Captures, _clock, _log);

    private string FileOf(string name) => Path.Combine(Captures, PeerName, name);
}
