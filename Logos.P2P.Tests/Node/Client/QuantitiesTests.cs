using Logos.P2P.Node.Client;
using NUnit.Framework;

namespace Logos.P2P.Tests.Node.Client;

/// <summary>Numbers as people read them.</summary>
internal sealed class QuantitiesTests
{
    [TestCase(0, "0 B")]
    [TestCase(9999, "9999 B")]
    [TestCase(10_000, "10 kB")]
    [TestCase(12_345_678, "12 MB")]
    [TestCase(9e15, "9000 TB")]
    [TestCase(9e18, "9000000 TB")]
    public void Bytes_have_four_digits_at_most_while_there_are_units(double bytes, string text) =>
        Assert.That(Quantities.Bytes(bytes), Is.EqualTo(text));

    [TestCase(0, "0s")]
    [TestCase(59, "59s")]
    [TestCase(61, "1m 1s")]
    [TestCase(3_600, "1h 0m")]
    [TestCase(90_000, "1d 1h")]
    public void Times_have_their_two_largest_units(long seconds, string text) =>
        Assert.That(Quantities.Time(seconds), Is.EqualTo(text));
}
