using Logos.P2P.AddrMan;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.AddrMan;

/// <summary>Who gets a place in the tried table that two want. Times are ages in seconds.</summary>
[TestFixture]
internal sealed class CollisionRuleTests
{
    private const long Now = 1_780_000_000;

    [TestCase(0, 0, 0, CollisionVerdict.Keep, Description = "it answered just now")]
    [TestCase((4 * Book.Hour) - 1, 300, 5000, CollisionVerdict.Keep, Description = "it answered within four hours")]
    [TestCase(4 * Book.Hour, 61, 0, CollisionVerdict.Replace, Description = "it was tried since and did not answer")]
    [TestCase(4 * Book.Hour, 60, 5000, CollisionVerdict.Wait, Description = "it has a minute to answer")]
    [TestCase(4 * Book.Hour, 0, 5000, CollisionVerdict.Wait, Description = "it is being tried")]
    [TestCase(Book.Day, (4 * Book.Hour) - 1, 0, CollisionVerdict.Replace, Description = "a failure counts as long")]
    [TestCase(Book.Day, 4 * Book.Hour, 0, CollisionVerdict.Wait, Description = "that failure is too old to count")]
    [TestCase(Book.Day, Book.Day, 40 * Book.Minute, CollisionVerdict.Wait, Description = "it can be tested still")]
    [TestCase(Book.Day, Book.Day, (40 * Book.Minute) + 1, CollisionVerdict.Replace, Description = "it was not tested")]
    [TestCase(-5, -5, 0, CollisionVerdict.Keep, Description = "the clock was set back")]
    [TestCase(-10 * Book.Minute, -10 * Book.Minute, 0, CollisionVerdict.Keep, Description = "by a little")]
    [TestCase(-Book.Day, -Book.Day, 0, CollisionVerdict.Wait, Description = "it answered when our clock was a day ahead: that says nothing")]
    public void The_rule_is_Bitcoin_Cores(
        long sinceSuccess, long sinceTry, long sinceNewcomer, CollisionVerdict expected)
    {
        AddressEntry occupant = Entry("250.1.1.19") with { LastSuccess = Now - sinceSuccess, LastTry = Now - sinceTry };
        AddressEntry newcomer = Entry("250.1.1.36") with { LastSuccess = Now - sinceNewcomer };
        Assert.That(CollisionRule.Judge(occupant, newcomer, Now), Is.EqualTo(expected));
    }

    private static AddressEntry Entry(string text) => new()
    {
        Address = new TimedAddress(Book.Endpoint(text), Services.Logos, (uint)Now),
        Source = Book.Source,
    };
}
