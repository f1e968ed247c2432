using Logos.P2P.Access;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Access;

/// <summary>overlay.md row 38: a flood of connections is refused by source before it costs anything.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class InboundAdmissionTests
{
    private static readonly TimeSpan Start = TimeSpan.FromSeconds(1000);

    private readonly InboundAdmission _admission = new(Start);

    [TestCase("192.0.2.1", "192.0.2.254", true)]
    [TestCase("192.0.2.1", "192.0.3.1", false)]
    [TestCase("2001:db8:0:1::1", "2001:db8:0:1:ffff::9", true)]
    [TestCase("2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    [TestCase("192.0.2.1", "c000:0200::1", false)]
    public void A_source_is_a_24_of_IPv4_and_a_64_of_IPv6(string one, string other, bool same) => Assert.That(
        InboundAdmission.SourceOf(Address(one)) == InboundAdmission.SourceOf(Address(other)), Is.EqualTo(same));

    [Test]
    public void A_source_gets_4_at_once_and_then_2_a_second()
    {
        Assert.That(Admitted("192.0.2.1", 10, Start), Is.EqualTo(4));
        Assert.That(Decide("192.0.2.99", Start), Is.EqualTo(AdmissionDecision.SourceTooFast));
        Assert.That(Admitted("192.0.2.1", 10, Start + TimeSpan.FromSeconds(0.4)), Is.Zero);
        Assert.That(Admitted("192.0.2.1", 10, Start + TimeSpan.FromSeconds(0.5)), Is.EqualTo(1));
        Assert.That(Admitted("192.0.2.1", 10, Start + TimeSpan.FromSeconds(1.5)), Is.EqualTo(2));
        Assert.That(Admitted("192.0.2.1", 10, Start + TimeSpan.FromHours(1)), Is.EqualTo(4), "No more than the burst.");
    }

    [Test]
    public void All_sources_together_get_40_at_once_and_then_20_a_second()
    {
        Assert.That(AdmittedFromAnySource(1000, Start), Is.EqualTo(40));
        Assert.That(Decide("192.0.2.1", Start), Is.EqualTo(AdmissionDecision.AllTooFast));
        Assert.That(AdmittedFromAnySource(1000, Start + TimeSpan.FromSeconds(1)), Is.EqualTo(20));
    }

    [Test]
    public void The_flood_of_one_source_takes_nothing_from_others()
    {
        Assert.That(Admitted("192.0.2.1", 10_000, Start), Is.EqualTo(4));

        Assert.That(AdmittedFromAnySource(1000, Start), Is.EqualTo(36));
    }

    [Test]
    public void A_source_with_8_unfinished_handshakes_waits_until_one_is_over()
    {
        NetAddress[] pending = [.. Enumerable.Range(1, 8).Select(i => Address($"192.0.2.{i}"))];

        Assert.That(Decide("192.0.2.100", Start, pending), Is.EqualTo(AdmissionDecision.TooManyPending));
        Assert.That(Decide("192.0.3.100", Start, pending), Is.EqualTo(AdmissionDecision.Admitted));
        Assert.That(Decide("192.0.2.100", Start, pending[1..]), Is.EqualTo(AdmissionDecision.Admitted));
    }

    [Test]
    public void Being_refused_for_unfinished_handshakes_costs_no_token()
    {
        NetAddress[] pending = [.. Enumerable.Repeat(Address("192.0.2.1"), 8)];
        for (int i = 0; i < 100; i++)
            Decide("192.0.2.1", Start, pending);

        Assert.That(Admitted("192.0.2.1", 10, Start), Is.EqualTo(4));
    }

    [Test]
    public void Sources_are_bounded_however_long_new_ones_come_and_each_keeps_its_limit()
    {
        int mostSources = 0, admitted = 0;
        for (int i = 0; i < 100_000; i++)
        {
            TimeSpan now = Start + TimeSpan.FromMilliseconds(i);
            if (Decide($"{1 + (i >> 16)}.{(i >> 8) & 255}.{i & 255}.1", now) == AdmissionDecision.Admitted)
                admitted++;
            mostSources = Math.Max(mostSources, _admission.SourceCount);
        }

        Assert.That(mostSources, Is.LessThanOrEqualTo(InboundAdmission.MaxSources));
        Assert.That(admitted, Is.EqualTo(40 + (20 * 100)).Within(1));
    }

    [Test]
    public void Whoever_is_forgotten_would_have_had_all_tokens_again()
    {
        Admitted("192.0.2.1", 4, Start);
        TimeSpan now = Start + InboundAdmission.Memory - TimeSpan.FromMilliseconds(1);
        AdmittedFromAnySource(InboundAdmission.MaxSources * 2, now);

        Assert.That(Admitted("192.0.2.1", 10, now), Is.LessThan(4), "It is still known.");
    }

    [Test]
    public void Whoever_came_lately_is_not_forgotten_for_those_who_came_long_ago()
    {
        TimeSpan now = Start;
        for (int i = 0; i < InboundAdmission.MaxSources; i++, now += TimeSpan.FromSeconds(1))
            Assert.That(Decide($"10.0.{i}.1", now), Is.EqualTo(AdmissionDecision.Admitted));
        Admitted("10.0.127.1", 3, now);

        Assert.That(Decide("10.1.0.1", now), Is.EqualTo(AdmissionDecision.Admitted));

        Assert.That(_admission.SourceCount, Is.LessThan(10));
        Assert.That(Admitted("10.0.127.1", 10, now), Is.LessThan(4), "It is still known.");
    }

    [Test]
    public void There_is_always_a_source_to_forget() => Assert.That(
        NodeDefaults.InboundBurst + (NodeDefaults.InboundRate * InboundAdmission.Memory.TotalSeconds),
        Is.LessThan(InboundAdmission.MaxSources));

    private static NetAddress Address(string text) =>
        NetAddress.TryParse(text, out NetAddress address) ? address : throw new FormatException(text);

    private AdmissionDecision Decide(string from, TimeSpan now, params NetAddress[] pending) =>
        _admission.Decide(Address(from), now, pending);

    private int Admitted(string from, int tries, TimeSpan now) =>
        Enumerable.Range(0, tries).Count(_ => Decide(from, now) == AdmissionDecision.Admitted);

    private int AdmittedFromAnySource(int tries, TimeSpan now) => Enumerable.Range(0, tries).Count(i =>
        Decide($"10.{i / 256}.{i % 256}.1", now) == AdmissionDecision.Admitted);
}
