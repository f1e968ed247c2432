using Logos.P2P.AddrMan;
using Logos.P2P.Dialing;
using Logos.P2P.Tests.AddrMan;
using NUnit.Framework;

namespace Logos.P2P.Tests.Dialing;

internal sealed class FailedDialsTests
{
    private static readonly TimeSpan Failed = TimeSpan.FromMinutes(10);

    private static IEnumerable<TestCaseData> Rows()
    {
        Witness heard = Peer(1, connected: 5, heard: 11), silent = Peer(2, connected: 5, heard: 9);
        yield return Row("nobody there", [], FailureVerdict.Unknown);
        yield return Row("one neighbourhood", [heard], FailureVerdict.Unknown);
        yield return Row("two peers of one neighbourhood", [heard, heard with { LastHeard = Failed * 2 }], FailureVerdict.Unknown);
        yield return Row("both heard", [heard, silent with { LastHeard = Failed * 2 }], FailureVerdict.Address);
        yield return Row("one silent", [heard, silent], FailureVerdict.Open);
        yield return Row("both silent", [silent, Peer(1, connected: 5, heard: 9)], FailureVerdict.Open);
        yield return Row("one came later", [heard, Peer(2, connected: 11, heard: 12)], FailureVerdict.Unknown);
        yield return Row("both came later", [Peer(1, 11, 12), Peer(2, 11, 12)], FailureVerdict.Unknown);
        yield return Row("two of three heard", [heard, silent, Peer(3, connected: 5, heard: 12)], FailureVerdict.Address);

        static TestCaseData Row(string name, Witness[] witnesses, FailureVerdict verdict) =>
            new TestCaseData(witnesses, verdict).SetArgDisplayNames(name, $"{verdict}");
    }

    [TestCaseSource(nameof(Rows))]
    public void Two_old_peers_in_different_neighbourhoods_have_to_be_heard_from(object witnesses, object verdict) =>
        Assert.That(FailedDials.Judge(Failed, (Witness[])witnesses), Is.EqualTo((FailureVerdict)verdict));

    [Test]
    public void A_failure_counts_when_the_witnesses_are_heard_from_and_only_once()
    {
        var book = new Book();
        book.Add("20.1.1.1");
        var failed = new FailedDials(book.Manager);
        failed.Add(Book.Endpoint("20.1.1.1"), Failed, book.Now);

        failed.Tick([Peer(1, 5, 9), Peer(2, 5, 9)]);
        Assert.That(book.Entry("20.1.1.1").Attempts, Is.Zero);
        failed.Tick([Peer(1, 5, 11), Peer(2, 5, 11)]);
        Assert.That(book.Entry("20.1.1.1").Attempts, Is.EqualTo(1));
        book.Manager.Good(Book.Endpoint("20.1.1.1"), book.Now + 1);
        failed.Tick([Peer(1, 5, 12), Peer(2, 5, 12)]);
        Assert.That(book.Entry("20.1.1.1").Attempts, Is.Zero);
    }

    [Test]
    public void A_failure_whose_witnesses_are_lost_is_forgotten()
    {
        var book = new Book();
        book.Add("20.1.1.1");
        var failed = new FailedDials(book.Manager);
        failed.Add(Book.Endpoint("20.1.1.1"), Failed, book.Now);

        failed.Tick([Peer(1, 5, 9), Peer(2, 5, 9)]);
        failed.Tick([Peer(1, 5, 9)]);
        failed.Tick([Peer(1, 11, 12), Peer(2, 11, 12)]);

        Assert.That(book.Entry("20.1.1.1").Attempts, Is.Zero);
    }

    [Test]
    public void A_success_in_the_meantime_outweighs_an_older_failure()
    {
        var book = new Book();
        book.Add("20.1.1.1");
        var failed = new FailedDials(book.Manager);
        failed.Add(Book.Endpoint("20.1.1.1"), Failed, book.Now);
        book.Manager.Good(Book.Endpoint("20.1.1.1"), book.Now + 30);

        failed.Tick([Peer(1, 5, 11), Peer(2, 5, 11)]);

        Assert.That(book.Entry("20.1.1.1"), Has.Property("Attempts").Zero.And.Property("LastTry").EqualTo(book.Now + 30));
    }

    private static Witness Peer(int group, int connected, int heard) => new(
        PrefixGrouping.Instance.GroupOf(Book.Endpoint($"20.{group}.1.1")),
        TimeSpan.FromMinutes(connected),
        TimeSpan.FromMinutes(heard));
}
