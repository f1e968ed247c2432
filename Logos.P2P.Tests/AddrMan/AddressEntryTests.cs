using Logos.P2P.AddrMan;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.AddrMan;

/// <summary>When an address is terrible, and with what chance it is chosen: Bitcoin Core's rules as tables.</summary>
[TestFixture]
internal sealed class AddressEntryTests
{
    private const long Now = 1_800_000_000;
    private const long Never = Now;
    private const long Minute = Book.Minute;
    private const long Day = Book.Day;

    // Ages in seconds before now: of the time told, of the last try, of the last success; then the attempts.
    private static readonly TestCaseData[] Terrible =
    [
        Case("just heard of", false, told: 0, tried: Never, succeeded: Never, attempts: 0),
        Case("seen 30 days ago", false, told: 30 * Day, tried: Never, succeeded: Never, attempts: 0),
        Case("seen more than 30 days ago", true, told: (30 * Day) + 1, tried: Never, succeeded: Never, attempts: 0),
        Case("never seen by anyone", true, told: Now, tried: Never, succeeded: Never, attempts: 0),
        Case("10 minutes from the future", false, told: -10 * Minute, tried: Never, succeeded: Never, attempts: 0),
        Case("more from the future", true, told: (-10 * Minute) - 1, tried: Never, succeeded: Never, attempts: 0),
        Case("failed twice, never answered", false, told: Day, tried: Day, succeeded: Never, attempts: 2),
        Case("failed three times, never answered", true, told: Day, tried: Day, succeeded: Never, attempts: 3),
        Case("failed three times, answered once", false, told: Day, tried: Day, succeeded: 20 * Day, attempts: 3),
        Case("failed 9 times in 8 days", false, told: Day, tried: Day, succeeded: 8 * Day, attempts: 9),
        Case("failed 10 times in 7 days", false, told: Day, tried: Day, succeeded: 7 * Day, attempts: 10),
        Case("failed 10 times in more", true, told: Day, tried: Day, succeeded: (7 * Day) + 1, attempts: 10),
        Case("hopeless but tried a minute ago", false, told: 99 * Day, tried: Minute, succeeded: Never, attempts: 99),
        Case("hopeless, tried longer ago", true, told: 99 * Day, tried: Minute + 1, succeeded: Never, attempts: 99),
        Case("hopeless, tried by a clock ahead", false, told: 99 * Day, tried: -Day, succeeded: Never, attempts: 99),
    ];

    [TestCaseSource(nameof(Terrible))]
    public void An_address_is_terrible_when(bool expected, AddressEntry entry) =>
        Assert.That(entry.IsTerrible(Now), Is.EqualTo(expected));

    [TestCase(Never, 0, 1.0)]
    [TestCase(10 * Minute, 0, 1.0)]
    [TestCase((10 * Minute) - 1, 0, 0.01)]
    [TestCase(0, 0, 0.01)]
    [TestCase(-Day, 0, 0.01, Description = "a clock that was ahead")]
    [TestCase(Day, 1, 0.66)]
    [TestCase(Day, 2, 0.4356)]
    [TestCase(Day, 8, 0.0360040606)]
    [TestCase(Day, 9, 0.0360040606)]
    [TestCase(Day, int.MaxValue, 0.0360040606)]
    [TestCase(Minute, 8, 0.000360040606)]
    public void The_chance_falls_with_failures_and_just_after_an_attempt(long tried, int attempts, double expected)
    {
        AddressEntry entry = Entry(0, tried, Never, attempts);
        Assert.That(entry.GetChance(Now), Is.EqualTo(expected).Within(1e-9));
    }

    [Test]
    public void Fields_that_contradict_each_other_are_noticed()
    {
        AddressEntry fresh = Entry(0, Never, Never, 0);
        AddressEntry tried = fresh with { InTried = true, LastSuccess = Now, NewBuckets = default };
        Assert.Multiple(() =>
        {
            Assert.That(fresh.IsConsistent, Is.True);
            Assert.That(tried.IsConsistent, Is.True);
            Assert.That((fresh with { NewBuckets = default }).IsConsistent, Is.False, "new, in no bucket");
            Assert.That((tried with { NewBuckets = fresh.NewBuckets }).IsConsistent, Is.False, "in both tables");
            Assert.That((tried with { LastSuccess = 0 }).IsConsistent, Is.False, "tried, never answered");
            Assert.That((fresh with { LastTry = -1 }).IsConsistent, Is.False);
            Assert.That((fresh with { LastSuccess = -1 }).IsConsistent, Is.False);
            Assert.That((fresh with { Attempts = -1 }).IsConsistent, Is.False);
        });
    }

    private static TestCaseData Case(
        string name, bool expected, long told, long tried, long succeeded, int attempts) =>
        new TestCaseData(expected, Entry(told, tried, succeeded, attempts)).SetArgDisplayNames(name);

    private static AddressEntry Entry(long told, long tried, long succeeded, int attempts) => new()
    {
        Address = new TimedAddress(Book.Endpoint("8.8.8.8"), Services.Logos, (uint)(Now - told)),
        Source = Book.Source,
        LastTry = Now - tried,
        LastSuccess = Now - succeeded,
        Attempts = attempts,
        NewBuckets = default(BucketSet).With(5),
    };
}
