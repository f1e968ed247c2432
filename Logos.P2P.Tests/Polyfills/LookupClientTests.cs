using System.Net;
using DnsClient;
using NUnit.Framework;

namespace Logos.P2P.Tests.Polyfills;

/// <summary>Looking up names, with whatever resolver the machine has.</summary>
[TestFixture]
internal sealed class LookupClientTests
{
    [Test]
    public async Task Localhost_is_the_loopback()
    {
        ILookupClient client = new LookupClient();

        IPHostEntry? entry = await client.GetHostEntryAsync("localhost");

        Assert.That(entry, Is.Not.Null);
        Assert.Multiple(() =>
        {
            Assert.That(entry.HostName, Is.EqualTo("localhost"));
            Assert.That(entry.AddressList, Is.Not.Empty.And.All.Matches<IPAddress>(IPAddress.IsLoopback));
        });
    }

    [Test]
    public async Task A_name_that_cannot_exist_has_no_addresses()
    {
        // Not null, in the package either. Without a network there may be no answer at all, which is another thing.
        IPAddress[] addresses;

        try
        {
            IPHostEntry? entry = await new LookupClient().GetHostEntryAsync("nobody.invalid");
            addresses = entry!.AddressList;
        }
        catch (DnsResponseException)
        {
            addresses = [];
        }

        Assert.That(addresses, Is.Empty);
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase(" ")]
    public void There_is_nothing_to_ask_about_no_name(string? name) =>
        Assert.That(() => new LookupClient().GetHostEntryAsync(name!), Throws.ArgumentNullException);

    [Test]
    public void There_is_nobody_to_ask_without_a_client() =>
        Assert.That(() => ((IDnsQuery)null!).GetHostEntryAsync("localhost"), Throws.ArgumentNullException);
}
