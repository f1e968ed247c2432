using Logos.P2P.Access;
using Logos.P2P.Tests.AddrMan;
using Logos.P2P.Tests.Conformance;
using NUnit.Framework;

namespace Logos.P2P.Tests.Access;

internal sealed class WhitelistTests
{
    private const PeerPermissions Implicit = PeerPermissions.NoBan | PeerPermissions.Relay;

    [TestCase("noban@192.0.2.0/24", PeerPermissions.NoBan)]
    [TestCase("relay@192.0.2.0/24", PeerPermissions.Relay)]
    [TestCase("download@192.0.2.0/24", PeerPermissions.Download)]
    [TestCase("addr@192.0.2.0/24", PeerPermissions.Addr)]
    [TestCase("relay,addr@192.0.2.0/24", PeerPermissions.Relay | PeerPermissions.Addr)]
    [TestCase("addr,noban,addr,,relay@192.0.2.7", PeerPermissions.NoBan | PeerPermissions.Relay | PeerPermissions.Addr)]
    [TestCase("192.0.2.0/24", Implicit)]
    [TestCase("192.0.2.7", Implicit)]
    [TestCase("@192.0.2.7", PeerPermissions.None)]
    [TestCase(",@192.0.2.7", PeerPermissions.None)]
    [Conformance("E6")]
    public void E6_every_permission_parses_and_they_combine(string text, PeerPermissions permissions)
    {
        WhitelistEntry entry = Parse(text);

        Assert.That(entry.Permissions, Is.EqualTo(permissions));
        Assert.That(entry.Hosts.Contains(Book.Host("192.0.2.7")), Is.True);
    }

    [TestCase("noban@192.0.2.0/24", true, false)]
    [TestCase("in,noban@192.0.2.0/24", true, false)]
    [TestCase("in,in,noban,out@192.0.2.0/24", true, true)]
    [TestCase("noban,out@192.0.2.0/24", false, true)]
    [TestCase("in,noban,out@192.0.2.0/24", true, true)]
    [TestCase("192.0.2.0/24", true, false)]
    [Conformance("E6")]
    public void E6_a_direction_says_who_must_have_dialled(string text, bool inbound, bool outbound)
    {
        WhitelistEntry entry = Parse(text);

        Assert.That((entry.Inbound, entry.Outbound), Is.EqualTo((inbound, outbound)));
    }

    [TestCase("oopsie@192.0.2.0/24", "'oopsie'", "noban, relay, download, addr", "in and out")]
    [TestCase("noban,NoBan@192.0.2.0/24", "'NoBan'", "noban, relay, download, addr", "in and out")]
    [TestCase("noban, relay@192.0.2.0/24", "' relay'", "noban, relay, download, addr", "in and out")]
    [TestCase("in@192.0.2.0/24", "direction", "no permission", "noban, relay")]
    [TestCase("in,out@192.0.2.0/24", "direction", "no permission", "noban")]
    [TestCase("noban@", "''", "192.0.2.0/24", "subnet")]
    [TestCase("", "''", "192.0.2.0/24", "subnet")]
    [TestCase("noban", "'noban'", "192.0.2.0/24", "subnet")]
    [TestCase("noban@192.0.2.0/33", "'192.0.2.0/33'", "192.0.2.0/24", "subnet")]
    [TestCase("noban@a@192.0.2.0", "'a@192.0.2.0'", "192.0.2.0/24", "subnet")]
    [Conformance("E6")]
    public void E6_an_unknown_permission_or_a_bad_subnet_is_an_error_that_says_what_would_do(string text, params string[] words)
    {
        Assert.That(WhitelistEntry.TryParse(text, out WhitelistEntry? entry, out string? error), Is.False);
        Assert.That(entry, Is.Null);
        foreach (string word in words)
            Assert.That(error, Does.Contain(word));
    }

    [Test]
    [Conformance("E6")]
    public void E6_noban_includes_download() =>
        Assert.That(PeerPermissions.NoBan.HasFlag(PeerPermissions.Download), Is.True);

    [Test]
    public void What_several_entries_give_adds_up()
    {
        var whitelist = new Whitelist(
        [
            Parse("relay@192.0.2.0/24"), Parse("addr,relay@192.0.2.0/25"), Parse("out,noban@192.0.2.7"), Parse("noban@198.51.100.1"),
        ]);

        Assert.That(Of("192.0.2.7", ConnectionKind.Inbound), Is.EqualTo(PeerPermissions.Relay | PeerPermissions.Addr));
        Assert.That(Of("192.0.2.200", ConnectionKind.Inbound), Is.EqualTo(PeerPermissions.Relay));
        Assert.That(Of("192.0.2.7", ConnectionKind.Manual), Is.EqualTo(PeerPermissions.NoBan));
        Assert.That(Of("203.0.113.1", ConnectionKind.Inbound), Is.EqualTo(PeerPermissions.None));
        foreach (ConnectionKind kind in Enum.GetValues<ConnectionKind>())
        {
            if (kind is not (ConnectionKind.Inbound or ConnectionKind.Manual))
                Assert.That(Of("192.0.2.7", kind), Is.EqualTo(PeerPermissions.None), $"{kind}: we chose it, not the operator.");
        }

        PeerPermissions Of(string host, ConnectionKind kind) => whitelist.Of(Book.Host(host), kind);
    }

    private static WhitelistEntry Parse(string text)
    {
        Assert.That(WhitelistEntry.TryParse(text, out WhitelistEntry? entry, out string? error), Is.True, error);
        return entry!;
    }
}
