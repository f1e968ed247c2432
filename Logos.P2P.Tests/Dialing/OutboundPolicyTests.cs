using Logos.P2P.Dialing;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Dialing;

internal sealed class OutboundPolicyTests
{
    private static readonly DialCandidate Good = new(
        NetworkId.IPv4, Services.Logos, IsOwn: false, IsDialled: false, IsGroupTaken: false, IsDiscouraged: false,
        IsDue: true);

    private static IEnumerable<TestCaseData> Rows()
    {
        yield return Row("a good one", Good, DialDecision.Dial);
        yield return Row("IPv6", Good with { Network = NetworkId.IPv6 }, DialDecision.Dial);
        yield return Row("with more services", Good with { Services = Services.Logos | (Services)1 }, DialDecision.Dial);
        foreach (NetworkId network in Enum.GetValues<NetworkId>().Except([NetworkId.IPv4, NetworkId.IPv6]))
            yield return Row($"{network}", Good with { Network = network }, DialDecision.NoTransport);
        yield return Row("no services", Good with { Services = Services.None }, DialDecision.MissingServices);
        yield return Row("other services", Good with { Services = (Services)9 }, DialDecision.MissingServices);
        yield return Row("ourselves", Good with { IsOwn = true }, DialDecision.Own);
        yield return Row("dialled", Good with { IsDialled = true }, DialDecision.AlreadyDialled);
        yield return Row("group taken", Good with { IsGroupTaken = true }, DialDecision.GroupTaken);
        yield return Row("discouraged", Good with { IsDiscouraged = true }, DialDecision.Discouraged);
        yield return Row("too soon", Good with { IsDue = false }, DialDecision.TooSoon);

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
                NetworkId.IPv4, Services.Logos, (faults & 1) != 0, (faults & 2) != 0, (faults & 4) != 0,
                (faults & 8) != 0, (faults & 16) == 0);
            Assert.That(OutboundPolicy.Judge(candidate), Is.Not.EqualTo(DialDecision.Dial));
        }
    }
}
