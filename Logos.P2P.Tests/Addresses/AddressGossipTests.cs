using Logos.P2P.AddrMan;
using Logos.P2P.Tests.AddrMan;
using Logos.P2P.Tests.Conformance;
using Logos.P2P.Tests.Peers;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Addresses;

/// <summary>Who is told which addresses (overlay.md A1 to A3, features.md P14).</summary>
internal sealed class AddressGossipTests
{
    private static readonly P2POptions Main = new() { Network = P2PNetwork.Main };
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(20);

    [Test]
    [Conformance("A3")]
    public async Task Getaddr_is_answered_once_and_only_to_those_who_dialled_us()
    {
        await using var rig = new PeerRig(Main);
        FillBook(rig, 1000);
        ScriptedPeer inbound = await rig.ConnectReadyAsync(host: "20.1.1.1");
        ScriptedPeer outbound = await rig.ConnectReadyAsync(ConnectionKind.Outbound, "21.1.1.1");
        foreach (ScriptedPeer peer in new[] { inbound, outbound })
        {
            await peer.SendAsync(Command.GetAddr);
            await peer.SendAsync(Command.GetAddr);
        }

        List<Received> answers = Lists(await inbound.ReadUntilPongAsync());
        Assert.That(answers, Has.Count.EqualTo(1));
        Assert.That(answers[0].Addresses, Has.Count.EqualTo(rig.Book.Count * 23 / 100).Within(1));
        Assert.That(answers[0].Addresses.Select(address => rig.Book.Contains(address.Endpoint)), Is.All.True);
        Assert.That(Lists(await outbound.ReadUntilPongAsync()), Is.Empty);
        Assert.That(rig.Metrics.Dropped(DropReason.GetAddrRefused), Is.EqualTo(3));
    }

    [TestCase(ConnectionKind.Inbound, 0)]
    [TestCase(ConnectionKind.Outbound, 1)]
    [TestCase(ConnectionKind.Manual, 1)]
    [Conformance("A3")]
    public async Task Only_those_whom_we_dialled_are_asked_and_once(ConnectionKind kind, int times)
    {
        await using var rig = new PeerRig(Main);
        ScriptedPeer peer = await rig.ConnectReadyAsync(kind, "20.1.1.1");
        await peer.SendAsync(Command.Addr, 0);

        Assert.That(
            (await peer.ReadUntilPongAsync()).Count(message => message.Command == Command.GetAddr), Is.EqualTo(times));
    }

    [TestCase(true, Command.AddrV2)]
    [TestCase(false, Command.Addr)]
    [Conformance("A8")]
    public async Task Addrv2_goes_to_those_who_asked_for_it_and_only_they_hear_of_other_networks(
        bool addrV2, Command command)
    {
        await using var rig = new PeerRig(Main);
        for (byte i = 1; i <= 20; i++)
            rig.Book.Add([Told(rig, Onion(i)), Told(rig, Book.Endpoint($"3{i % 10}.{i}.1.1"))], Book.Host($"{20 + i}.1.1.1"));
        ScriptedPeer peer = await rig.ConnectReadyAsync(host: "20.1.1.1", addrV2: addrV2);
        await peer.SendAsync(Command.GetAddr);

        Received answer = Lists(await peer.ReadUntilPongAsync()).Single();

        Assert.That(answer.Command, Is.EqualTo(command));
        Assert.That(answer.Addresses, Is.Not.Empty);
        if (!addrV2)
            Assert.That(answer.Addresses.Select(address => address.Endpoint.Address.IsIP), Is.All.True);
    }

    [Test]
    [Conformance("A6")]
    public async Task Our_own_address_comes_alone_in_a_message_of_its_own()
    {
        await using var rig = new PeerRig(Main with { ExternalIPs = ["50.1.1.1:1234"] });
        rig.Node.Local.Listening(Book.Endpoint("0.0.0.0:14495"));
        FillBook(rig, 500);
        ScriptedPeer peer = await rig.ConnectReadyAsync(host: "20.1.1.1");
        await peer.SendAsync(Command.GetAddr);

        List<Received> lists = Lists(await peer.ReadUntilPongAsync());

        Assert.That(lists, Has.Count.EqualTo(2));
        TimedAddress self = lists[0].Addresses.Single();
        Assert.That(self, Is.EqualTo(new TimedAddress(
            Book.Endpoint("50.1.1.1:1234"), Services.Logos, (uint)rig.Clock.UnixSeconds)));
        Assert.That(lists[1].Addresses.Select(address => address.Endpoint), Does.Not.Contain(self.Endpoint));
    }

    [Test]
    [Conformance("A6")]
    public async Task Our_own_address_is_told_again_about_once_a_day()
    {
        await using var rig = new PeerRig(Main with { ExternalIPs = ["50.1.1.1"] });
        rig.Node.Local.Listening(Book.Endpoint("0.0.0.0:14495"));
        ScriptedPeer peer = await rig.ConnectReadyAsync(host: "20.1.1.1");
        await peer.OpenAsync();
        int told = 0;
        for (int hour = 0; hour < 24 * 60; hour++)
        {
            rig.Clock.Advance(TimeSpan.FromHours(1));
            rig.Node.Gossip.Tick(peer.Peer);
            told += Lists(await peer.ReadUntilPongAsync()).Count;
        }

        Assert.That(told, Is.InRange(30, 100), "60 days.");
    }

    [Test]
    public async Task A_node_that_nobody_can_reach_tells_no_address_of_its_own()
    {
        await using var rig = new PeerRig(Main);
        ScriptedPeer peer = await rig.ConnectReadyAsync(host: "20.1.1.1");

        Assert.That(Lists(await peer.ReadUntilPongAsync()), Is.Empty);
    }

    [TestCase("40.1.1.1")]
    [TestCase("2a00:1450::5")]
    [Conformance("A1")]
    public async Task News_is_passed_on_to_two_peers(string host)
    {
        await using var rig = new PeerRig(Main);
        (ScriptedPeer teller, List<ScriptedPeer> others) = await CrowdAsync(rig);
        TimedAddress news = Told(rig, Book.Endpoint(host));

        await TellAsync(teller, news);
        Dictionary<ScriptedPeer, List<TimedAddress>> heard = await FlushAsync(rig, [teller, .. others]);

        Assert.That(heard[teller], Is.Empty);
        Assert.That(heard.Values.Count(list => list.Count == 1), Is.EqualTo(2));
        Assert.That(heard.Values.SelectMany(list => list).Distinct(), Is.EqualTo(new[] { news }));
    }

    [Test]
    [Conformance("A1")]
    public async Task News_from_where_we_cannot_go_is_passed_on_to_one_or_two_peers_about_equally_often()
    {
        await using var rig = new PeerRig(Main);
        (ScriptedPeer teller, List<ScriptedPeer> others) = await CrowdAsync(rig);
        rig.Clock.Advance(TimeSpan.FromHours(1));
        List<NetEndpoint> onions = [.. Enumerable.Range(1, 60).Select(i => Onion((byte)i))];
        foreach (NetEndpoint onion in onions)
            await TellAsync(teller, Told(rig, onion));

        List<NetEndpoint> heard = [.. (await FlushAsync(rig, others)).Values.SelectMany(list => list).Select(one => one.Endpoint)];
        int[] timesHeard = [.. onions.Select(onion => heard.Count(one => one == onion))];

        Assert.That(timesHeard, Is.All.InRange(1, 2));
        Assert.That(timesHeard.Count(times => times == 2), Is.EqualTo(30).Within(15));
    }

    [TestCase("40.1.1.1", 7)]
    [TestCase("2a00:1450::5", 7)]
    [TestCase("pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion", 7)]
    [TestCase("ukeu3k5oycgaauneqgtnvselmt4yemvoilkln7jpvamvfx7dnkdq.b32.i2p", 0)]
    [TestCase("fc00:1:2:3:4:5:6:7", 7)]
    [Conformance("A8")]
    public async Task News_from_every_network_is_kept_and_passed_on_byte_for_byte(string host, int port)
    {
        await using var rig = new PeerRig(Main);
        (ScriptedPeer teller, List<ScriptedPeer> others) = await CrowdAsync(rig);
        var endpoint = new NetEndpoint(Book.Host(host), (ushort)port);
        TimedAddress news = Told(rig, endpoint) with { Services = Services.Logos | (Services)0x448 };
        Frame told = teller.Frames.Create([news], v2: true);
        byte[] payload = told.Payload.ToArray();
        told.Release();

        await TellAsync(teller, news);
        rig.Clock.Advance(Long);
        var heard = new List<byte[]>();
        foreach (ScriptedPeer other in others)
        {
            rig.Node.Gossip.Tick(other.Peer);
            heard.AddRange(Lists(await other.ReadUntilPongAsync()).Select(list => list.Payload));
        }

        Assert.That(heard, Is.Not.Empty.And.All.EqualTo(payload));
        Assert.That(rig.Book.TryGet(news.Endpoint, out AddressEntry? entry), Is.True);
        Assert.That(entry!.Address.Services, Is.EqualTo(news.Services));
    }

    [Test]
    [Conformance("A5")]
    public async Task Repeating_news_does_not_spread_it_further_on_the_same_day()
    {
        await using var rig = new PeerRig(Main);
        (ScriptedPeer teller, List<ScriptedPeer> others) = await CrowdAsync(rig);
        var everybody = new HashSet<ScriptedPeer>();
        for (int i = 0; i < 10; i++)
        {
            rig.Clock.Advance(TimeSpan.FromSeconds(15));
            await TellAsync(others[i % others.Count], Told(rig, Book.Endpoint("40.1.1.1")));
            foreach ((ScriptedPeer peer, List<TimedAddress> list) in await FlushAsync(rig, [teller, .. others]))
            {
                if (list.Count > 0)
                    everybody.Add(peer);
            }
        }

        // Two, and one instead of each of them that was the teller itself.
        Assert.That(everybody.Count, Is.InRange(2, 4));
    }

    [Test]
    [Conformance("A5")]
    public async Task The_same_news_on_other_days_reaches_others()
    {
        await using var rig = new PeerRig(Main);
        (ScriptedPeer teller, List<ScriptedPeer> others) = await CrowdAsync(rig);
        var everybody = new HashSet<ScriptedPeer>();
        for (int day = 0; day < 10; day++)
        {
            rig.Clock.Advance(TimeSpan.FromDays(1));
            await TellAsync(teller, Told(rig, Book.Endpoint("40.1.1.1")));
            foreach ((ScriptedPeer peer, List<TimedAddress> list) in await FlushAsync(rig, others))
            {
                if (list.Count > 0)
                    everybody.Add(peer);
            }
        }

        Assert.That(everybody, Has.Count.GreaterThan(4));
    }

    [Test]
    public async Task What_a_peer_was_told_may_be_told_again_when_our_own_address_is()
    {
        await using var rig = new PeerRig(Main);
        ScriptedPeer teller = await rig.ConnectReadyAsync(host: "20.0.0.1");
        ScriptedPeer listener = await rig.ConnectReadyAsync(host: "21.1.1.1");
        await listener.OpenAsync();
        TimeSpan nextDay = listener.Peer.Addresses.NextSelfAdvertisement;

        Assert.That(await HeardAsync(), Is.EqualTo(1));
        Assert.That(await HeardAsync(), Is.Zero, "It knows.");
        rig.Clock.Advance(nextDay);
        rig.Node.Gossip.Tick(listener.Peer);
        Assert.That(await HeardAsync(), Is.EqualTo(1), "That it is still alive is news.");

        async Task<int> HeardAsync()
        {
            rig.Clock.Advance(TimeSpan.FromSeconds(20));
            await TellAsync(teller, Told(rig, Book.Endpoint("40.1.1.1")));
            rig.Clock.Advance(TimeSpan.FromSeconds(20));
            listener.Peer.Addresses.NextFlush = TimeSpan.Zero;
            rig.Node.Gossip.Tick(listener.Peer);
            return Lists(await listener.ReadUntilPongAsync()).Count;
        }
    }

    [TestCase(10, 0, true)]
    [TestCase(11, 0, false)]
    [TestCase(1, 9 * 60, true)]
    [TestCase(1, 10 * 60, false)]
    [TestCase(1, 60 * 60, false)]
    [TestCase(1, -11 * 60, false)]
    [TestCase(1, -9 * 60, true)]
    public async Task Only_short_lists_of_fresh_addresses_are_news(int count, int age, bool isNews)
    {
        await using var rig = new PeerRig(Main);
        (ScriptedPeer teller, List<ScriptedPeer> others) = await CrowdAsync(rig);
        TimedAddress[] told = [.. Enumerable.Range(0, count).Select(i => Told(rig, Book.Endpoint($"4{i % 10}.{i}.1.1"), age))];

        await TellAsync(teller, told);
        Dictionary<ScriptedPeer, List<TimedAddress>> heard = await FlushAsync(rig, others);

        Assert.That(
            heard.Values.SelectMany(list => list).Select(address => address.Endpoint).Distinct(),
            isNews ? Is.EquivalentTo(told.Select(address => address.Endpoint)) : Is.Empty);
        Assert.That(told.Select(address => rig.Book.Contains(address.Endpoint)), Is.All.True, "Kept it is.");
    }

    [Test]
    [Conformance("A1")]
    public async Task The_answer_to_our_question_is_kept_but_no_news_and_what_follows_is()
    {
        await using var rig = new PeerRig(Main);
        (_, List<ScriptedPeer> others) = await CrowdAsync(rig);
        ScriptedPeer asked = await rig.ConnectReadyAsync(ConnectionKind.Outbound, "60.1.1.1");
        await asked.ReadAsync(Command.GetAddr);

        await TellAsync(asked, Told(rig, Book.Endpoint("40.1.1.1")));
        Assert.That((await FlushAsync(rig, others)).Values.SelectMany(list => list), Is.Empty);
        Assert.That(rig.Book.Contains(Book.Endpoint("40.1.1.1")), Is.True);

        await TellAsync(asked, Told(rig, Book.Endpoint("41.1.1.1")));
        Assert.That((await FlushAsync(rig, others)).Values.SelectMany(list => list), Is.Not.Empty);
    }

    [Test]
    [Conformance("A4")]
    public async Task Whom_we_asked_may_tell_a_thousand_and_others_one()
    {
        await using var rig = new PeerRig(Main);
        ScriptedPeer outbound = await rig.ConnectReadyAsync(ConnectionKind.Outbound, "60.1.1.1");
        ScriptedPeer inbound = await rig.ConnectReadyAsync(host: "61.1.1.1");
        TimedAddress[] many = [.. Enumerable.Range(0, 600).Select(i => Told(rig, Book.Endpoint($"4{i % 10}.{i / 10}.1.1")))];
        await TellAsync(outbound, many);
        await TellAsync(outbound, many);
        Assert.That(rig.Metrics.Dropped(DropReason.AddressRateLimited), Is.EqualTo(1200 - 1001));

        await TellAsync(inbound, many);
        Assert.That(rig.Metrics.Dropped(DropReason.AddressRateLimited), Is.EqualTo(1200 - 1001 + 599));
        rig.Clock.Advance(TimeSpan.FromSeconds(100));
        await TellAsync(inbound, many);
        Assert.That(rig.Metrics.Dropped(DropReason.AddressRateLimited), Is.EqualTo(1200 - 1001 + 599 + 590));
    }

    [Test]
    [Conformance("A4")]
    public async Task Whoever_tells_too_much_cannot_choose_what_is_kept()
    {
        await using var rig = new PeerRig(Main);
        var kept = new HashSet<int>();
        for (int i = 1; i <= 20; i++)
        {
            ScriptedPeer flooder = await rig.ConnectReadyAsync(host: $"61.{i}.1.1");
            NetEndpoint[] many = [.. Enumerable.Range(0, 50).Select(n => Book.Endpoint($"{100 + i}.{n}.1.1"))];
            await TellAsync(flooder, [.. many.Select(endpoint => Told(rig, endpoint))]);
            kept.Add(Enumerable.Range(0, 50).Single(n => rig.Book.Contains(many[n])));
        }

        Assert.That(kept, Has.Count.GreaterThan(10), "One of fifty each time, and not by its place in the list.");
    }

    [Test]
    public async Task What_waits_is_told_every_thirty_seconds_on_average()
    {
        await using var rig = new PeerRig(Main);
        ScriptedPeer peer = await rig.ConnectReadyAsync(ConnectionKind.Outbound, "60.1.1.1");
        var now = TimeSpan.Zero;
        const int times = 3000;
        for (int i = 0; i < times; i++)
        {
            TimeSpan next = peer.Peer.Addresses.NextFlush;
            rig.Clock.Advance(next - now);
            now = next;
            rig.Node.Gossip.Tick(peer.Peer);
        }

        Assert.That((now / times).TotalSeconds, Is.EqualTo(30).Within(3));
    }

    [Test]
    public async Task A_discouraged_address_is_not_in_an_answer_either()
    {
        await using var rig = new PeerRig(Main);
        rig.Book.Add([Told(rig, Book.Endpoint("66.6.6.6"))], Book.Host("30.1.1.1"));
        rig.Node.Discouragement.Add(Book.Host("66.6.6.6"));
        ScriptedPeer peer = await rig.ConnectReadyAsync(host: "20.1.1.1");
        await peer.SendAsync(Command.GetAddr);

        Assert.That(Lists(await peer.ReadUntilPongAsync()), Is.Empty);
    }

    [Test]
    public async Task A_banned_address_is_not_in_an_answer_either()
    {
        await using var rig = new PeerRig(Main);
        rig.Book.Add([Told(rig, Book.Endpoint("66.6.6.6"))], Book.Host("30.1.1.1"));
        rig.Node.Bans.Add(Subnet.Parse("66.6.0.0/16"), TimeSpan.FromDays(1));
        ScriptedPeer peer = await rig.ConnectReadyAsync(host: "20.1.1.1");
        await peer.SendAsync(Command.GetAddr);

        Assert.That(Lists(await peer.ReadUntilPongAsync()), Is.Empty);
    }

    [Test]
    public async Task A_thousand_addresses_are_accepted()
    {
        await using var rig = new PeerRig(Main);
        ScriptedPeer peer = await rig.ConnectReadyAsync(ConnectionKind.Outbound, "60.1.1.1");

        await TellAsync(peer, [.. Enumerable.Range(0, 1000).Select(i => Told(rig, Book.Endpoint($"4{i % 10}.{i / 10}.1.1")))]);

        Assert.That(peer.Peer.Reason, Is.EqualTo(DisconnectReason.None));
        Assert.That(rig.Book.Count, Is.GreaterThan(100));
    }

    private static IEnumerable<TestCaseData> Times()
    {
        const long now = 1_800_000_000, fiveDaysAgo = now - (5 * 24 * 60 * 60);
        yield return new TestCaseData(0u, now, fiveDaysAgo);
        yield return new TestCaseData(100_000_000u, now, fiveDaysAgo);
        yield return new TestCaseData(100_000_001u, now, 100_000_001L);
        yield return new TestCaseData((uint)now, now, now);
        yield return new TestCaseData((uint)(now + 600), now, now + 600);
        yield return new TestCaseData((uint)(now + 601), now, fiveDaysAgo);
        yield return new TestCaseData(uint.MaxValue, now, fiveDaysAgo);
    }

    [TestCaseSource(nameof(Times))]
    public void Times_that_cannot_be_believed_count_as_five_days_ago(uint told, long now, long expected) =>
        Assert.That(AddressManager.ClampTime(told, now), Is.EqualTo(expected));

    [Test]
    [Conformance("A10")]
    public async Task What_is_told_by_others_counts_as_two_hours_older()
    {
        await using var rig = new PeerRig(Main);
        ScriptedPeer peer = await rig.ConnectReadyAsync(ConnectionKind.Outbound, "60.1.1.1");

        await TellAsync(peer, Told(rig, Book.Endpoint("40.1.1.1")), Told(rig, Book.Endpoint("60.1.1.1")));

        Assert.That(rig.Book.TryGet(Book.Endpoint("40.1.1.1"), out AddressEntry? other));
        Assert.That(rig.Book.TryGet(Book.Endpoint("60.1.1.1"), out AddressEntry? self));
        Assert.That(other!.Address.Time, Is.EqualTo(rig.Clock.UnixSeconds - (2 * 60 * 60)));
        Assert.That(self!.Address.Time, Is.EqualTo(rig.Clock.UnixSeconds), "Not what a host tells of itself.");
    }

    [TestCase("68.1.1.1", TestName = "An_address_without_a_port_is_neither_kept_nor_passed_on")]
    [TestCase("10.1.1.1", TestName = "A_private_address_is_neither_kept_nor_passed_on")]
    [TestCase("127.0.0.1", TestName = "A_loopback_address_is_neither_kept_nor_passed_on")]
    [TestCase("66.6.6.6", TestName = "A_discouraged_address_is_neither_kept_nor_passed_on")]
    [TestCase("66.7.7.7", TestName = "A_banned_address_is_neither_kept_nor_passed_on")]
    [TestCase("50.1.1.1", TestName = "Our_own_address_is_neither_kept_nor_passed_on")]
    [TestCase("67.1.1.1", TestName = "A_node_without_our_service_is_neither_kept_nor_passed_on")]
    public async Task Useless(string host)
    {
        await using var rig = new PeerRig(Main with { ExternalIPs = ["50.1.1.1"] });
        (ScriptedPeer teller, List<ScriptedPeer> others) = await CrowdAsync(rig);
        rig.Node.Discouragement.Add(Book.Host("66.6.6.6"));
        rig.Node.Bans.Add(Subnet.Parse("66.7.0.0/16"), TimeSpan.FromDays(1));
        TimedAddress useless = Told(rig, Book.Endpoint(host));
        if (host == "67.1.1.1")
            useless = useless with { Services = (Services)9 };
        if (host == "68.1.1.1")
            useless = useless with { Endpoint = useless.Endpoint with { Port = 0 } };

        await TellAsync(teller, useless);

        Assert.That((await FlushAsync(rig, others)).Values.SelectMany(list => list), Is.Empty);
        Assert.That(rig.Book.Contains(useless.Endpoint), Is.False);
    }

    [Test]
    public async Task Whoever_is_banned_while_his_address_waits_is_not_passed_on()
    {
        await using var rig = new PeerRig(Main);
        (ScriptedPeer teller, List<ScriptedPeer> others) = await CrowdAsync(rig);
        await TellAsync(teller, Told(rig, Book.Endpoint("66.7.7.7")));

        rig.Node.Bans.Add(Subnet.Parse("66.7.0.0/16"), TimeSpan.FromDays(1));

        Assert.That((await FlushAsync(rig, others)).Values.SelectMany(list => list), Is.Empty);
    }

    [Test]
    [Conformance("A2")]
    public async Task Whoever_dialled_us_is_told_nothing_until_it_takes_part_in_gossip()
    {
        await using var rig = new PeerRig(Main with { ExternalIPs = ["50.1.1.1"] });
        rig.Node.Local.Listening(Book.Endpoint("0.0.0.0:14495"));
        ScriptedPeer listener = await rig.ConnectReadyAsync(host: "21.1.1.1");
        ScriptedPeer teller = await rig.ConnectReadyAsync(host: "20.0.0.1");
        rig.Clock.Advance(TimeSpan.FromSeconds(200));

        await TellAsync(teller, Told(rig, Book.Endpoint("40.1.1.1")));
        Assert.That((await FlushAsync(rig, [listener]))[listener], Is.Empty, "It would pass on nothing.");

        await listener.SendAsync(Command.Addr, 0);
        Assert.That(Lists(await listener.ReadUntilPongAsync()).Single().Addresses.Single().Endpoint.ToString(),
            Is.EqualTo("50.1.1.1:14495"), "Now it is told our address.");
        await TellAsync(teller, Told(rig, Book.Endpoint("41.1.1.1")));
        Assert.That((await FlushAsync(rig, [listener]))[listener], Has.Count.EqualTo(1));
    }

    [Test]
    [Conformance("A9")]
    public async Task Who_asks_again_by_another_connection_gets_the_same_answer_for_a_day()
    {
        await using var rig = new PeerRig(Main);
        FillBook(rig, 1000);
        IReadOnlyList<TimedAddress> first = await AskAsync("20.1.1.1");
        IReadOnlyList<TimedAddress> second = await AskAsync("21.1.1.1");
        rig.Clock.Advance(TimeSpan.FromHours(28));
        IReadOnlyList<TimedAddress> nextDay = await AskAsync("22.1.1.1");

        Assert.That(second, Is.EquivalentTo(first));
        Assert.That(nextDay, Is.Not.EquivalentTo(first));

        async Task<IReadOnlyList<TimedAddress>> AskAsync(string host)
        {
            ScriptedPeer peer = await rig.ConnectReadyAsync(host: host);
            await peer.SendAsync(Command.GetAddr);
            return Lists(await peer.ReadUntilPongAsync()).Single().Addresses;
        }
    }

    [Test]
    public async Task Whoever_has_the_permission_addr_gets_a_fresh_answer()
    {
        await using var rig = new PeerRig(Main with { Whitelist = ["addr@20.1.0.0/16"] });
        FillBook(rig, 1000);
        IReadOnlyList<TimedAddress> first = await AskAsync("21.1.1.1");
        IReadOnlyList<TimedAddress> fresh = await AskAsync("20.1.1.1");
        IReadOnlyList<TimedAddress> another = await AskAsync("20.1.1.2");

        Assert.That(fresh, Is.Not.EquivalentTo(first));
        Assert.That(another, Is.Not.EquivalentTo(fresh));

        async Task<IReadOnlyList<TimedAddress>> AskAsync(string host)
        {
            ScriptedPeer peer = await rig.ConnectReadyAsync(host: host);
            await peer.SendAsync(Command.GetAddr);
            return Lists(await peer.ReadUntilPongAsync()).Single().Addresses;
        }
    }

    [Test]
    [Conformance("A9")]
    public async Task Whoever_reaches_us_at_two_addresses_gets_two_answers_of_a_thousand()
    {
        await using var rig = new PeerRig(Main);
        FillBook(rig, 12_500);
        IReadOnlyList<TimedAddress> first = await AskAsync("20.1.1.1", "30.1.1.1:999");
        IReadOnlyList<TimedAddress> again = await AskAsync("21.1.1.1", "30.1.1.1:999");
        IReadOnlyList<TimedAddress> elsewhere = await AskAsync("22.1.1.1", "30.1.1.2:999");
        IReadOnlyList<TimedAddress> fromElsewhere = await AskAsync("2a00:1450::7", "30.1.1.1:999");

        Assert.That(new[] { first, again, elsewhere, fromElsewhere }, Has.All.Count.EqualTo(1000));
        Assert.That(again, Is.EquivalentTo(first));
        Assert.That(elsewhere.Intersect(first).Count(), Is.LessThan(500), "They do not show that it is one node.");
        Assert.That(fromElsewhere.Intersect(first).Count(), Is.LessThan(500), "Nor does who asks by two networks.");

        async Task<IReadOnlyList<TimedAddress>> AskAsync(string host, string ours)
        {
            ScriptedPeer peer = await rig.ConnectReadyAsync(host: host, ours: ours);
            await peer.SendAsync(Command.GetAddr);
            return Lists(await peer.ReadUntilPongAsync()).Single(list => list.Addresses.Count > 1).Addresses;
        }
    }

    [TestCase(ConnectionKind.Outbound, true)]
    [TestCase(ConnectionKind.Inbound, false)]
    public async Task That_a_peer_was_alive_is_noted_when_it_leaves_and_not_before(ConnectionKind kind, bool isNoted)
    {
        await using var rig = new PeerRig(Main);
        ScriptedPeer peer = rig.Connect(kind, "60.1.1.1");
        rig.Book.Add([Told(rig, peer.Peer.Endpoint)], Book.Host("60.1.1.1"));
        await peer.ShakeHandsAsync();
        await rig.WaitForAsync<PeerReady>();
        long before = rig.Clock.UnixSeconds;
        rig.Clock.Advance(TimeSpan.FromHours(1));
        Assert.That(KnownTime(), Is.EqualTo(before), "It would show whom we are connected to.");

        peer.Close();
        await peer.EndAsync();
        Assert.That(KnownTime(), Is.EqualTo(isNoted ? rig.Clock.UnixSeconds : before));

        long KnownTime() => rig.Book.TryGet(peer.Peer.Endpoint, out AddressEntry? entry) ? entry.Address.Time : 0;
    }

    [Test]
    public async Task Private_addresses_stay_among_private_peers()
    {
        await using var rig = new PeerRig(Main with { PrivateNet = true });
        NetEndpoint secret = Book.Endpoint("192.168.77.7");
        rig.Book.Add([.. Enumerable.Range(1, 50).Select(i => Told(rig, Book.Endpoint($"192.168.{i}.7")))], Book.Host("10.0.0.1"));
        ScriptedPeer stranger = await rig.ConnectReadyAsync(host: "60.1.1.1");
        ScriptedPeer neighbour = await rig.ConnectReadyAsync(host: "10.0.0.2");
        ScriptedPeer teller = await rig.ConnectReadyAsync(host: "10.0.0.3");
        await stranger.SendAsync(Command.GetAddr);
        await neighbour.SendAsync(Command.GetAddr);
        Assert.That(Lists(await stranger.ReadUntilPongAsync()), Is.Empty);
        Assert.That(Lists(await neighbour.ReadUntilPongAsync()).Single().Addresses, Is.Not.Empty);

        await TellAsync(teller, Told(rig, secret));
        Dictionary<ScriptedPeer, List<TimedAddress>> heard = await FlushAsync(rig, [stranger, neighbour]);

        Assert.That(heard[stranger], Is.Empty);
        Assert.That(heard[neighbour].Select(address => address.Endpoint), Is.EqualTo(new[] { secret }));
    }

    [Test]
    [Conformance("A10")]
    public async Task Whom_we_reached_is_tried_and_its_services_are_what_it_says_itself()
    {
        await using var rig = new PeerRig(Main);
        ScriptedPeer peer = rig.Connect(ConnectionKind.Manual, "60.1.1.1");
        await peer.ShakeHandsAsync(version: ScriptedPeer.Version() with { Services = Services.Logos | (Services)4 });
        await rig.WaitForAsync<PeerReady>();
        await peer.ReadAsync(Command.GetAddr);

        Assert.That(rig.Book.TryGet(peer.Peer.Endpoint, out AddressEntry? entry));
        Assert.That(entry!.InTried, Is.True);
        Assert.That(entry.Address.Services, Is.EqualTo(Services.Logos | (Services)4));
    }

    [Test]
    public async Task Whoever_dials_us_proves_nothing_about_its_address()
    {
        await using var rig = new PeerRig(Main);
        await rig.ConnectReadyAsync(host: "60.1.1.1");

        Assert.That(rig.Book.Count, Is.Zero);
    }

    private static TimedAddress Told(PeerRig rig, NetEndpoint endpoint, int age = 0) =>
        new(endpoint, Services.Logos, (uint)(rig.Clock.UnixSeconds - age));

    private static NetEndpoint Onion(byte number)
    {
        byte[] key = new byte[32];
        key[0] = key[31] = number;
        Assert.That(NetAddress.TryCreate(NetworkId.TorV3, key, out NetAddress address));
        return new NetEndpoint(address, 14495);
    }

    private static void FillBook(PeerRig rig, int count)
    {
        for (int i = 0; i < count; i++)
        {
            rig.Book.Add(
                [Told(rig, Book.Endpoint($"{100 + (i % 50)}.{i / 50}.1.1"), age: 3600)], Book.Host($"{30 + (i % 40)}.{i % 100}.1.1"));
        }
    }

    /// <summary>A peer that tells, and some that may hear of it.</summary>
    private static async Task<(ScriptedPeer Teller, List<ScriptedPeer> Others)> CrowdAsync(PeerRig rig)
    {
        ScriptedPeer teller = await rig.ConnectReadyAsync(host: "20.0.0.1");
        // Its allowance begins with one address.
        rig.Clock.Advance(TimeSpan.FromSeconds(200));
        var others = new List<ScriptedPeer>();
        for (int i = 1; i <= 6; i++)
        {
            ScriptedPeer other = await rig.ConnectReadyAsync(host: $"2{i}.1.1.1");
            await other.OpenAsync();
            others.Add(other);
        }

        rig.Clock.Advance(TimeSpan.FromSeconds(20));
        return (teller, others);
    }

    private static async Task TellAsync(ScriptedPeer teller, params TimedAddress[] addresses)
    {
        await teller.SendAsync(teller.Frames.Create(addresses, v2: true));
        await teller.ReadUntilPongAsync();
    }

    /// <summary>Lets time pass until everything that waits has been told.</summary>
    private static async Task<Dictionary<ScriptedPeer, List<TimedAddress>>> FlushAsync(
        PeerRig rig, IReadOnlyList<ScriptedPeer> peers)
    {
        var heard = new Dictionary<ScriptedPeer, List<TimedAddress>>();
        rig.Clock.Advance(Long);
        foreach (ScriptedPeer peer in peers)
        {
            peer.Peer.Addresses.NextSelfAdvertisement = TimeSpan.MaxValue;
            rig.Node.Gossip.Tick(peer.Peer);
            heard[peer] = [.. Lists(await peer.ReadUntilPongAsync()).SelectMany(list => list.Addresses)];
        }

        return heard;
    }

    private static List<Received> Lists(IReadOnlyList<Received> all) =>
        [.. all.Where(received => received.Command is Command.Addr or Command.AddrV2)];
}
