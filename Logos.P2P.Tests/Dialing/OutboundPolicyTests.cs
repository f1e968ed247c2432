using System.Globalization;
using Logos.P2P.Dialing;
using Logos.P2P.Tests.Conformance;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Dialing;

internal sealed class OutboundPolicyTests
{
    private static readonly DialCandidate Good = new(
        IsDialable: true, Services.Logos, IsOwn: false, IsDialled: false, IsGroupTaken: false, IsDiscouraged: false, IsBanned: false,
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
        yield return Row("banned", Good with { IsBanned = true }, DialDecision.Banned);
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
        for (int faults = 1; faults < 64; faults++)
        {
            var candidate = new DialCandidate(
                IsDialable: true, Services.Logos, (faults & 1) != 0, (faults & 2) != 0, (faults & 4) != 0,
                (faults & 8) != 0, IsBanned: (faults & 32) != 0, IsDue: (faults & 16) == 0, WasTriedLately: false, HasBadPort: false, Draw: 99);
            Assert.That(OutboundPolicy.Judge(candidate), Is.Not.EqualTo(DialDecision.Dial));
        }
    }

    [TestCase(0, 0, "", "")]
    [TestCase(8, 2, "", "Outbound")]
    [TestCase(0, 2, "", "Quiet")]
    [TestCase(1, 0, "", "Outbound")]
    [TestCase(8, 2, "anchors", "Quiet Outbound")]
    [TestCase(8, 0, "anchors", "Outbound")]
    [TestCase(0, 0, "anchors", "")]
    [TestCase(0, 0, "feeler", "Feeler")]
    [TestCase(3, 1, "feeler", "Outbound Feeler")]
    [TestCase(0, 0, "newcomer", "Outbound")]
    [TestCase(0, 0, "newcomer feeler", "Outbound Feeler")]
    [TestCase(0, 1, "newcomer", "Quiet Outbound")]
    [TestCase(2, 0, "newcomer", "Outbound")]
    [TestCase(-1, 0, "newcomer feeler", "")]
    public void Anchors_come_first_then_full_then_quiet_peers_then_a_newcomer_or_a_feeler(
        int outbound, int quiet, string due, string wanted)
    {
        var slots = new OutboundSlots(
            outbound, quiet, due.Contains("anchors"), due.Contains("newcomer"), due.Contains("feeler"));
        Assert.That(string.Join(' ', OutboundPolicy.Wanted(slots)), Is.EqualTo(wanted));
    }

    [TestCase("1@10 2@20 3@30", 1)]
    [TestCase("1@30 2@20 3@30", 2)]
    [TestCase("1@0 2@0 3@0", 3, Description = "Nobody brought anything: the latest goes.")]
    [TestCase("1@10 2@20 3@0", 3, Description = "A newcomer that brought nothing goes itself.")]
    [TestCase("1@0 2@20 3@0", 3)]
    [TestCase("1@0v6 2@20 3@30", 2, Description = "The only bridge to a network stays.")]
    [TestCase("1@0v6 2@20 3@30v6", 1)]
    [TestCase("1@0", 1)]
    [TestCase("1@10 2@20v6", 2, Description = "As many networks as peers: the latest goes.")]
    [Conformance("E3")]
    public void The_peer_whose_last_first_delivery_is_oldest_makes_room(string peers, int worst)
    {
        OutboundRecord[] records =
        [
            .. from text in peers.Split(' ', StringSplitOptions.RemoveEmptyEntries)
               let parts = text.Replace("v6", "", StringComparison.Ordinal).Split('@')
               select new OutboundRecord(
                   long.Parse(parts[0], CultureInfo.InvariantCulture),
                   text.EndsWith("v6", StringComparison.Ordinal) ? NetworkId.IPv6 : NetworkId.IPv4,
                   TimeSpan.FromMinutes(long.Parse(parts[1], CultureInfo.InvariantCulture))),
        ];
        Assert.That(OutboundPolicy.Worst(records).Id, Is.EqualTo(worst));
    }
}
