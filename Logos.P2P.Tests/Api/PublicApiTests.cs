using Logos.P2P.AddrMan;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Api;

/// <summary>
/// What programs depend on does not change by accident. What changes on purpose:
/// <c>LOGOSP2P_ACCEPT=1 ./test --filter FullyQualifiedName~Snapshot</c>, and look at the difference before committing it.
/// </summary>
internal sealed class PublicApiTests
{
    [TestCase(typeof(MessageId), "Logos.P2P.Wire.txt")]
    [TestCase(typeof(AddressManager), "Logos.P2P.AddrMan.txt")]
    [TestCase(typeof(P2PNode), "Logos.P2P.txt")]
    public void Snapshot_of_an_assembly_is_what_programs_see_of_it(Type member, string file) =>
        Snapshot.Compare(file, PublicApi.Of(member.Assembly));
}
