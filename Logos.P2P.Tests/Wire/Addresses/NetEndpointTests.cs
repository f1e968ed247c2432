using System.Net;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Wire;

public sealed class NetEndpointTests
{
    private const ushort DefaultPort = 7;
    private const string Onion = "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion";

    /// <summary>Bitcoin Core's splithost table; a port of 7 is the default.</summary>
    private static readonly TestCaseData[] Split =
    [
        new("www.example.org", "www.example.org", 7),
        new("[www.example.org]", "www.example.org", 7),
        new("www.example.org:80", "www.example.org", 80),
        new("[www.example.org]:80", "www.example.org", 80),
        new("127.0.0.1", "127.0.0.1", 7),
        new("127.0.0.1:8333", "127.0.0.1", 8333),
        new("[127.0.0.1]", "127.0.0.1", 7),
        new("[127.0.0.1]:8333", "127.0.0.1", 8333),
        new("::ffff:127.0.0.1", "::ffff:127.0.0.1", 7),
        new("[::ffff:127.0.0.1]:8333", "::ffff:127.0.0.1", 8333),
        new("[::]:8333", "::", 8333),
        new("::8333", "::8333", 7),
        new("www.example.org:1", "www.example.org", 1),
        new("www.example.org:65535", "www.example.org", 65535),
    ];

    private static readonly string[] NotSplit =
    [
        "", ":", "[", "[]", "[]:80", ":80", ":8333", ":65535", ":65536", ":-1", "[]:70001", "[]:-0", "[]:0", "[]:1/2",
        "127.0.0.1:65536", "127.0.0.1:0", "127.0.0.1:", "127.0.0.1:1/2", "127.0.0.1:1E2", "127.0.0.1:+80",
        "127.0.0.1:-1",
        "127.0.0.1: 80", "127.0.0.1:80 ", "127.0.0.1:0x50", "127.0.0.1:80\0", "127.0.0.1:８０", "127.0.0.1:4294967376",
        "www.example.org:65536", "www.example.org:0", "www.example.org:", "[::1", "[::1]80", "[::1]:", "[::1]x:80",
    ];

    private static readonly TestCaseData[] Parsed =
    [
        new("127.0.0.1", "127.0.0.1:7"),
        new("127.0.0.1:8333", "127.0.0.1:8333"),
        new("[127.0.0.1]:8333", "127.0.0.1:8333"),
        new("::ffff:127.0.0.1", "127.0.0.1:7"),
        new("::", "[::]:7"),
        new("[::]:8333", "[::]:8333"),
        new("[127.0.0.1]", "127.0.0.1:7"),
        new("::1", "[::1]:7"),
        new("2001:db8::1:80", "[2001:db8::1:80]:7"),
        new("[::1]:80", "[::1]:80"),
        new("[2001:DB8::1]:14495", "[2001:db8::1]:14495"),
        new("[fc00:1:2:3:4:5:6:7]:80", "[fc00:1:2:3:4:5:6:7]:80"),
        new(Onion, Onion + ":7"),
        new(Onion + ":80", Onion + ":80"),
    ];

    private static readonly string[] NotParsed =
    [
        "", ":::", "[::1", "::1]:80", "1.2.3:80", "[::1%1]:80", "www.example.org", "www.example.org:80", "1.2.3.4:80\0",
        "[[::1]]:80", "[fd87:d87e:eb43::1]:80", "[fd6b:88c0:8724::1]:80", "1.2.3.4:80:80",
    ];

    [Test]
    public void On_I2P_there_is_no_port_and_none_is_made_up()
    {
        Assert.That(NetAddress.TryCreate(NetworkId.I2P, new byte[32], out NetAddress address), Is.True);
        var endpoint = new NetEndpoint(address, 0);

        Assert.That(endpoint.IsValid, Is.True);
        Assert.That(endpoint.ToString(), Does.EndWith(".b32.i2p"));
        Assert.That(NetEndpoint.TryParse(endpoint.ToString(), 14495, out NetEndpoint read), Is.True);
        Assert.That(read, Is.EqualTo(endpoint));
        Assert.That(NetEndpoint.TryParse($"{endpoint}:7", 14495, out read), Is.True);
        Assert.That((read.Port, read.ToString()), Is.EqualTo(((ushort)7, $"{endpoint}:7")));
    }

    [TestCaseSource(nameof(Split))]
    public void Host_and_port_are_split(string text, string host, int port)
    {
        bool ok = NetEndpoint.TrySplit(text, DefaultPort, out string? splitHost, out ushort splitPort);

        Assert.That(ok);
        Assert.That((splitHost, splitPort), Is.EqualTo((host, (ushort)port)));
    }

    [TestCaseSource(nameof(NotSplit))]
    public void Without_a_host_or_with_a_bad_port_nothing_is_split(string text)
    {
        Assert.That(NetEndpoint.TrySplit(text, DefaultPort, out _, out _), Is.False);
    }

    [Test]
    public void No_text_is_no_endpoint()
    {
        Assert.That(NetEndpoint.TrySplit(null, DefaultPort, out _, out _), Is.False);
        Assert.That(NetEndpoint.TryParse(null, DefaultPort, out _), Is.False);
    }

    [TestCaseSource(nameof(Parsed))]
    public void An_endpoint_is_read_and_written(string text, string canonical)
    {
        Assert.That(NetEndpoint.TryParse(text, DefaultPort, out NetEndpoint endpoint));
        Assert.That(endpoint.ToString(), Is.EqualTo(canonical));

        Assert.That(NetEndpoint.TryParse(canonical, 1, out NetEndpoint again));
        Assert.That(again, Is.EqualTo(endpoint));
    }

    [TestCaseSource(nameof(NotParsed))]
    public void What_is_no_endpoint_is_refused(string text)
    {
        Assert.That(NetEndpoint.TryParse(text, DefaultPort, out NetEndpoint endpoint), Is.False);
        Assert.That(endpoint, Is.EqualTo(NetEndpoint.None));
    }

    [TestCase("1.2.3.4:80", ExpectedResult = true)]
    [TestCase("0.0.0.0:80", ExpectedResult = false)]
    [TestCase("[::]:80", ExpectedResult = false)]
    [TestCase("[2001:db8::1]:80", ExpectedResult = false)]
    public bool An_endpoint_is_valid_when_its_address_is(string text)
    {
        Assert.That(NetEndpoint.TryParse(text, 0, out NetEndpoint endpoint));
        return endpoint.IsValid;
    }

    [Test]
    public void An_endpoint_without_a_port_is_not_valid()
    {
        Assert.That(NetEndpoint.TryParse("1.2.3.4", 0, out NetEndpoint endpoint));

        Assert.That(endpoint.Port, Is.Zero);
        Assert.That(endpoint.IsValid, Is.False);
    }

    [TestCase("1.2.3.4", 80)]
    [TestCase("2001:db8::1", 65535)]
    public void An_endpoint_goes_to_an_IPEndPoint_and_back(string host, int port)
    {
        var ip = new IPEndPoint(IPAddress.Parse(host), port);

        NetEndpoint endpoint = NetEndpoint.From(ip);

        Assert.That(endpoint.ToIPEndPoint(), Is.EqualTo(ip));
    }

    [Test]
    public void An_endpoint_off_the_internet_has_no_IPEndPoint()
    {
        Assert.That(NetEndpoint.TryParse(Onion, DefaultPort, out NetEndpoint endpoint));

        Assert.That(endpoint.ToIPEndPoint, Throws.InvalidOperationException);
    }

    [Test]
    public void Endpoints_that_differ_in_the_port_are_two()
    {
        NetEndpoint.TryParse("1.2.3.4:80", 0, out NetEndpoint one);
        NetEndpoint.TryParse("1.2.3.4:81", 0, out NetEndpoint other);

        Assert.That(one, Is.Not.EqualTo(other));
        Assert.That(one.Address, Is.EqualTo(other.Address));
    }
}
