using Logos.P2P.AddrMan;
using Logos.P2P.Dialing;
using Logos.P2P.Tests.AddrMan;
using NUnit.Framework;

namespace Logos.P2P.Tests.Dialing;

/// <summary>All times in seconds; the dial failed at 100.</summary>
internal sealed class FailedDialsTests
{
    private const int Failed = 100;

    private static IEnumerable<TestCaseData> Rows()
    {
        Witness heard = Peer(1, heard: 101), silent = Peer(2, heard: 99);
        yield return Row("nobody there", [], FailureVerdict.Unknown);
        yield return Row("one neighbourhood", [heard], FailureVerdict.Unknown);
        yield return Row("two peers of one neighbourhood", [heard, Peer(1, heard: 102)], FailureVerdict.Unknown);
        yield return Row("both heard", [heard, Peer(2, heard: 102)], FailureVerdict.Address);
        yield return Row("one silent", [heard, silent], FailureVerdict.Open);
        yield return Row("one silent for too long", [heard, silent], FailureVerdict.Unknown, now: 106);
        yield return Row("both silent", [silent, Peer(1, heard: 99)], FailureVerdict.Open);
        yield return Row("both heard after the line was back", [Peer(1, heard: 131), Peer(2, heard: 131)], FailureVerdict.Unknown, now: 131);
        yield return Row("one came later", [heard, Peer(2, connected: 101, heard: 102)], FailureVerdict.Unknown);
        yield return Row("both came later", [Peer(1, 102, 101), Peer(2, 102, 101)], FailureVerdict.Unknown);
        yield return Row("two of three heard", [heard, silent, Peer(3, heard: 102)], FailureVerdict.Address);

        static TestCaseData Row(string name, Witness[] witnesses, FailureVerdict verdict, int now = 103) =>
            new TestCaseData(witnesses, verdict, now).SetArgDisplayNames(name, $"{verdict}");
    }

    [TestCaseSource(nameof(Rows))]
    public void Two_old_peers_in_different_neighbourhoods_have_to_be_heard_from_soon(
        object witnesses, object verdict, int now) =>
        Assert.That(
            FailedDials.Judge(Seconds(Failed), (Witness[])witnesses, Seconds(now)), Is.EqualTo((FailureVerdict)verdict));

    [Test]
    public void A_failure_counts_when_the_witnesses_are_heard_from_and_only_once()
    {
        var book = new Book();
        book.Add("20.1.1.1");
        var failed = new FailedDials(book.Manager);
        failed.Add(Book.Endpoint("20.1.1.1"), Seconds(Failed), book.Now);

        failed.Tick([Peer(1, heard: 99), Peer(2, heard: 99)], Seconds(100));
        Assert.That(book.Entry("20.1.1.1").Attempts, Is.Zero);
        failed.Tick([Peer(1, heard: 101), Peer(2, heard: 101)], Seconds(101));
        Assert.That(book.Entry("20.1.1.1").Attempts, Is.EqualTo(1));
        book.Manager.Good(Book.Endpoint("20.1.1.1"), book.Now + 1);
        failed.Tick([Peer(1, heard: 102), Peer(2, heard: 102)], Seconds(102));
        Assert.That(book.Entry("20.1.1.1").Attempts, Is.Zero);
    }

    [Test]
    public void A_failure_whose_witnesses_are_lost_is_forgotten()
    {
        var book = new Book();
        book.Add("20.1.1.1");
        var failed = new FailedDials(book.Manager);
        failed.Add(Book.Endpoint("20.1.1.1"), Seconds(Failed), book.Now);

        failed.Tick([Peer(1, heard: 99), Peer(2, heard: 99)], Seconds(100));
        failed.Tick([Peer(1, heard: 99)], Seconds(101));
        failed.Tick([Peer(1, heard: 102), Peer(2, heard: 102)], Seconds(102));

        Assert.That(book.Entry("20.1.1.1").Attempts, Is.Zero);
    }

    [Test]
    public void A_success_in_the_meantime_outweighs_an_older_failure()
    {
        var book = new Book();
        book.Add("20.1.1.1");
        var failed = new FailedDials(book.Manager);
        failed.Add(Book.Endpoint("20.1.1.1"), Seconds(Failed), book.Now);
        book.Manager.Good(Book.Endpoint("20.1.1.1"), book.Now + 30);

        failed.Tick([Peer(1, heard: 101), Peer(2, heard: 101)], Seconds(102));

        Assert.That(book.Entry("20.1.1.1"), Has.Property("Attempts").Zero.And.Property("LastTry").EqualTo(book.Now + 30));
    }

    private static TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(seconds);

    private static Witness Peer(int group, int heard, int connected = 50) => new(
        PrefixGrouping.Instance.GroupOf(Book.Endpoint($"20.{group}.1.1")), Seconds(connected), Seconds(heard));
}
