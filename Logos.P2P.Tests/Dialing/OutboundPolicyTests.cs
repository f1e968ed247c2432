using Logos.P2P.Dialing;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Dialing;

internal sealed class OutboundPolicyTests
{
    private static readonly DialCandidate Good = new(
        IsDialable: true, Services.Logos, IsOwn: false, IsDialled: false, IsGroupTaken: false, IsDiscouraged: false,
        IsDue: true, WasTriedLately: false, HasBadPort: false, Draw: 0);

    private static IEnumerable<TestCaseData> Rows()
    {
        yield return Row("a good one", Good, DialDecision.Dial);
        yield return Row("with more services", Good with { Services = Services.Logos | (Services)1 }, DialDecision.Dial);
        yield return Row("a network without a transport", Good with { IsDialable = false }, DialDecision.NetworkNotDialled);
        yield return Row("no services", Good with { Services = Services.None }, DialDecision.MissingServices);
        yield return Row("other services", Good with { Services = (Services)9 }, DialDecision.MissingServices);
        yield return Row("ourselves", Good with { IsOwn = true }, DialDecision.Own);
        yield return Row("dialled", Good with { IsDialled = true }, DialDecision.AlreadyDialled);
        yield return Row("group taken", Good with { IsGroupTaken = true }, DialDecision.GroupTaken);
        yield return Row("discouraged", Good with { IsDiscouraged = true }, DialDecision.Discouraged);
        yield return Row("too soon", Good with { IsDue = false }, DialDecision.TooSoon);
        yield return Row("tried lately", Good with { WasTriedLately = true, Draw = 29 }, DialDecision.TooSoon);
        yield return Row("tried lately, but few others", Good with { WasTriedLately = true, Draw = 30 }, DialDecision.Dial);
        yield return Row("a mail server's port", Good with { HasBadPort = true, Draw = 49 }, DialDecision.BadPort);
        yield return Row("a mail server's port, but few others", Good with { HasBadPort = true, Draw = 50 }, DialDecision.Dial);

        static TestCaseData Row(string name, DialCandidate candidate, DialDecision decision) =>
            new TestCaseData(candidate, decision).SetArgDisplayNames(name, $"{decision}");
    }

    [TestCaseSource(nameof(Rows))]
    public void Each_reason_not_to_dial_has_its_name(object candidate, object decision) =>
        Assert.That(OutboundPolicy.Judge((DialCandidate)candidate), Is.EqualTo((DialDecision)decision));

    [Test]
    public void Every_decision_is_in_the_table() => Assert.That(
        Rows().Select(row => (DialDecision)row.Arguments[1]!).Distinct(), Is.EquivalentTo(Enum.GetValues<DialDecision>()));

    [Test]
    public void Only_a_candidate_without_any_fault_is_dialled()
    {
        for (int faults = 1; faults < 32; faults++)
        {
            var candidate = new DialCandidate(
                IsDialable: true, Services.Logos, (faults & 1) != 0, (faults & 2) != 0, (faults & 4) != 0,
                (faults & 8) != 0, (faults & 16) == 0, WasTriedLately: false, HasBadPort: false, Draw: 99);
            Assert.That(OutboundPolicy.Judge(candidate), Is.Not.EqualTo(DialDecision.Dial));
        }
    }

    [TestCase(0, 0, false, false, "")]
    [TestCase(8, 2, false, false, "Outbound Quiet")]
    [TestCase(0, 2, false, false, "Quiet")]
    [TestCase(1, 0, false, false, "Outbound")]
    [TestCase(8, 2, true, false, "Quiet Outbound")]
    [TestCase(8, 0, true, false, "Outbound")]
    [TestCase(0, 0, true, false, "")]
    [TestCase(0, 0, false, true, "Feeler")]
    [TestCase(3, 1, false, true, "Outbound Quiet Feeler")]
    [TestCase(-1, -1, false, false, "")]
    public void Anchors_come_first_then_full_then_quiet_peers_then_a_feeler(
        int outbound, int quiet, bool anchors, bool feeler, string wanted) =>
        Assert.That(
            string.Join(' ', OutboundPolicy.Wanted(new OutboundSlots(outbound, quiet, anchors, feeler))), Is.EqualTo(wanted));
}
