using System.Net;
using Logos.P2P.Tests.Raw;
using Logos.P2P.Tests.Wire;
using Logos.P2P.Transport.Capture;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Transport.Capture;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class MessageCaptureTests : IDisposable
{
    private static readonly NetEndpoint Peer = new(NetAddress.From(IPAddress.Parse("2001:db8::7")), 14497);

    private readonly TemporaryDirectory _directory = new();
    private readonly ManualTimeProvider _clock = new(DateTimeOffset.UnixEpoch.AddYears(60));
    private readonly LogRecorder _log = new();

    private string Captures => _directory.File("captures");

    public void Dispose() => _directory.Dispose();

    [TestCase(1)]
    [TestCase(7)]
    [TestCase(24)]
    [TestCase(1000)]
    [TestCase(int.MaxValue)]
    public void However_the_stream_is_cut_each_message_is_written_once_and_in_order(int piece)
    {
        byte[] large = new TestRandom(1).Bytes(70_000);
        byte[] stream =
        [
            .. RawBytes.Frame("ping", RawBytes.U64(1)), .. RawBytes.Frame("verack", []), .. RawBytes.Frame("logos", large),
            .. RawBytes.Frame("logos", "damaged"u8.ToArray(), checksum: [1, 2, 3, 4]), .. RawBytes.Frame("unheardof", [5]),
        ];
        MessageCapture capture = Open().Received(Peer);

        for (int from = 0; from < stream.Length; from += piece)
            capture.Add(stream.AsSpan(from, Math.Min(piece, stream.Length - from)));

        Assert.That(
            Read("msgs_recv.dat"),
            Is.EqualTo(new[]
            {
                ("ping", RawBytes.U64(1)), ("verack", []), ("logos", large), ("logos", "damaged"u8.ToArray()), ("unheardof", [5]),
            }));
    }

    [Test]
    public void A_message_has_the_time_at_which_it_was_whole()
    {
        MessageCapture capture = Open().Sent(Peer);
        byte[] frame = RawBytes.Frame("ping", RawBytes.U64(1));
        capture.Add(frame.AsSpan(0, 30));
        Assert.That(Directory.Exists(Captures), Is.False, "Nothing is there to be written yet.");

        _clock.Advance(TimeSpan.FromMicroseconds(1234));
        capture.Add(frame.AsSpan(30));

        byte[] bytes = File.ReadAllBytes(FileOf("msgs_sent.dat"));
        ulong expected = (ulong)(_clock.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalMicroseconds;
        Assert.That(CaptureHeader.Read(bytes).Microseconds, Is.EqualTo(expected));
    }

    [Test]
    public void What_no_node_reads_to_its_end_is_the_last_and_is_left_out()
    {
        byte[] good = RawBytes.Frame("verack", []);
        foreach (byte[] bad in new[] { RawBytes.Frame("verack", [], RawBytes.MainMagic), RawBytes.Header("logos", WireLimits.MaxPayload + 1) })
        {
            MessageCapture capture = Open().Received(Peer);
            capture.Add([.. good, .. bad, .. good]);
            capture.Add(good);
        }

        Assert.That(Read("msgs_recv.dat").Select(message => message.Command), Is.EqualTo(new[] { "verack", "verack" }));
    }

    [Test]
    public void Two_connections_of_one_peer_add_to_one_file()
    {
        CaptureDirectory directory = Open();
        MessageCapture first = directory.Received(Peer), second = directory.Received(Peer);
        foreach (byte number in Enumerable.Range(0, 10))
            (number % 2 == 0 ? first : second).Add(RawBytes.Frame("ping", RawBytes.U64(number)));

        Assert.That(
            Read("msgs_recv.dat").Select(message => message.Payload[0]), Is.EqualTo(Enumerable.Range(0, 10).Select(number => (byte)number)));
    }

    [Test]
    public void When_nothing_can_be_written_that_is_logged_once_and_nothing_more_is_tried()
    {
        File.WriteAllText(Captures, "a file where the directory should be");
        CaptureDirectory directory = Open();
        byte[] frame = RawBytes.Frame("verack", []);

        directory.Received(Peer).Add(frame);
        directory.Sent(Peer).Add(frame);
        File.Delete(Captures);
        directory.Sent(Peer).Add(frame);

        Assert.That(_log.Lines, Has.Count.EqualTo(1));
        Assert.That(_log.Lines[0], Does.StartWith($"Messages cannot be written to '{Captures}', and are not until the next start: "));
        Assert.That(File.Exists(Captures) || Directory.Exists(Captures), Is.False);
    }

    private CaptureDirectory Open() => new(Captures, P2PNetwork.Regtest, _clock, _log);

    private string FileOf(string name) => Path.Combine(Captures, "[2001_db8__7]_14497", name);

    private List<(string Command, byte[] Payload)> Read(string name) => CapturedFile.Read(FileOf(name));
}
