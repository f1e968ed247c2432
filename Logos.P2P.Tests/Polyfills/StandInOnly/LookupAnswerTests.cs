using System.Net;
using System.Net.Sockets;
using DnsClient;
using NUnit.Framework;

namespace Logos.P2P.Tests.Polyfills.StandInOnly;

/// <summary>How the system's answers become the package's, over a resolver that says what it is told to.</summary>
[TestFixture]
internal sealed class LookupAnswerTests
{
    private const string Name = "seed.example";
    private const string Address = "192.0.2.1";

    private static IEnumerable<SocketError> NotThere => [SocketError.HostNotFound, SocketError.NoData];

    private static IEnumerable<SocketError> NoAnswer =>
        [SocketError.TryAgain, SocketError.NoRecovery, SocketError.TimedOut, SocketError.NetworkUnreachable];

    [Test]
    public async Task A_name_has_the_addresses_that_the_system_finds_and_stays_as_it_was_asked()
    {
        IPAddress[] addresses = [IPAddress.Parse(Address), IPAddress.Parse("2001:db8::1")];
        LookupClient client = Answering(new IPHostEntry
        {
            HostName = "canonical.example",
            AddressList = addresses,
            Aliases = ["alias.example"],
        });

        IPHostEntry? entry = await client.GetHostEntryAsync(Name + ".");

        Assert.That(entry, Is.Not.Null);
        Assert.Multiple(() =>
        {
            Assert.That(entry.HostName, Is.EqualTo(Name));
            Assert.That(entry.AddressList, Is.EqualTo(addresses));
            Assert.That(entry.Aliases, Is.EqualTo(new[] { "alias.example" }));
        });
    }

    [Test]
    public async Task An_address_has_the_name_that_the_system_finds()
    {
        IPHostEntry found = new() { HostName = Name, AddressList = [IPAddress.Parse(Address)], Aliases = [] };

        IPHostEntry? entry = await Answering(found).GetHostEntryAsync(Address);

        Assert.That(entry?.HostName, Is.EqualTo(Name));
    }

    [Test]
    public async Task The_loopback_address_resolves()
    {
        IPHostEntry? entry = await new LookupClient().GetHostEntryAsync("127.0.0.1");

        Assert.That(entry?.AddressList, Does.Contain(IPAddress.Loopback));
    }

    [TestCaseSource(nameof(NotThere))]
    public async Task A_name_that_is_not_there_gives_an_entry_without_addresses(SocketError error)
    {
        IPHostEntry? entry = await Failing(error).GetHostEntryAsync(Name);

        Assert.That(entry, Is.Not.Null);
        Assert.Multiple(() =>
        {
            Assert.That(entry.HostName, Is.EqualTo(Name));
            Assert.That(entry.AddressList, Is.Empty);
            Assert.That(entry.Aliases, Is.Empty);
        });
    }

    [TestCaseSource(nameof(NotThere))]
    public async Task An_address_without_a_name_gives_null(SocketError error) =>
        Assert.That(await Failing(error).GetHostEntryAsync(Address), Is.Null);

    [TestCaseSource(nameof(NoAnswer))]
    public void No_answer_is_an_error(SocketError error)
    {
        Assert.That(
            () => Failing(error).GetHostEntryAsync(Name),
            Throws.InstanceOf<DnsResponseException>()
                .With.InnerException.Property(nameof(SocketException.SocketErrorCode)).EqualTo(error));
    }

    private static LookupClient Answering(IPHostEntry entry) => new(_ => Task.FromResult(entry));

    private static LookupClient Failing(SocketError error) =>
        new(_ => Task.FromException<IPHostEntry>(new SocketException((int)error)));
}
