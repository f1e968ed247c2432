using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Logos.P2P.Tests.Raw;
using Logos.P2P.Wire;
using Microsoft.Playwright;
using NUnit.Framework;

namespace Logos.P2P.Tests.Node.Views;

/// <summary>The live view in a real browser.</summary>
[NonParallelizable]
internal sealed class ViewPageTests
{
    /// <summary>How many peers Bitcoin's nodes had by default for fifteen years.</summary>
    private const int ManyPeers = 125;

    private static readonly LocatorAssertionsToBeVisibleOptions Visible = new() { Timeout = 20_000 };

    private Browser _browser = null!;

    [OneTimeSetUp]
    public async Task StartBrowserAsync() => _browser = await Browser.StartAsync();

    [OneTimeTearDown]
    public async Task StopBrowserAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
    }

    [Test]
    public async Task With_125_peers_the_page_is_painted_within_a_second_and_shows_each_of_them()
    {
        await using ViewRig rig = await StartAsync();
        RawClient[] peers = await ConnectAsync(rig.Node, ManyPeers);

        (IPage page, List<string> complaints) = await _browser.OpenAsync(rig.Address);
        await Assertions.Expect(page.Locator("#radar .peer")).ToHaveCountAsync(ManyPeers, new() { Timeout = 20_000 });
        await Assertions.Expect(page.Locator("#peers tr")).ToHaveCountAsync(ManyPeers);
        double painted = await page.EvaluateAsync<double>(
            "performance.getEntriesByName('first-contentful-paint')[0].startTime");
        for (int i = 0; i < 10; i++)
            await peers[i].SendAsync("logos", [(byte)i, .. new byte[500]]);
        await Assertions.Expect(page.Locator("#ticker tr")).ToHaveCountAsync(10, new() { Timeout = 20_000 });
        await Assertions.Expect(page.Locator("#t-peers")).ToContainTextAsync("125");

        var snapshots = new List<TimeSpan>();
        for (int i = 0; i < 20; i++)
        {
            long start = Stopwatch.GetTimestamp();
            Assert.That(rig.Node.Node.GetPeers(), Has.Count.EqualTo(ManyPeers));
            rig.Node.Node.GetMemory();
            snapshots.Add(Stopwatch.GetElapsedTime(start));
        }

        snapshots.Sort();
        TestContext.Out.WriteLine($"A snapshot of them takes {snapshots[10].TotalMilliseconds:0.00} ms.");
        Assert.That(snapshots[10], Is.LessThan(TimeSpan.FromMilliseconds(10)));
        TestContext.Out.WriteLine($"First paint with {ManyPeers} peers after {painted:0} ms.");
        Assert.That(painted, Is.LessThan(1000));
        Assert.That(complaints, Is.Empty);
        await SaveAsync(page, "view-light.png");
        await DisposeAsync(peers);
    }

    [Test]
    public async Task Whoever_has_no_mouse_goes_from_peer_to_peer_with_the_arrow_keys()
    {
        await using ViewRig rig = await StartAsync();
        RawClient[] peers = await ConnectAsync(rig.Node, 3);
        (IPage page, _) = await _browser.OpenAsync(rig.Address, ColorScheme.Dark);
        await Assertions.Expect(page.Locator("#radar .peer")).ToHaveCountAsync(3, new() { Timeout = 20_000 });

        // Through the buttons of the head, then one stop for the whole picture.
        for (int i = 0; i < 10 && await FocusedPeerAsync(page) is null; i++)
            await page.Keyboard.PressAsync("Tab");
        string? first = await FocusedPeerAsync(page);
        await page.Keyboard.PressAsync("ArrowRight");
        string? second = await FocusedPeerAsync(page);
        await page.Keyboard.PressAsync("ArrowLeft");

        Assert.That(first, Is.Not.Null);
        Assert.That(second, Is.Not.Null.And.Not.EqualTo(first));
        Assert.That(await FocusedPeerAsync(page), Is.EqualTo(first));
        Assert.That(await page.Locator("#peers tr.chosen").GetAttributeAsync("data-peer"), Is.EqualTo(first), "the table goes along");
        Assert.That(
            await page.Locator($"#radar .peer[data-peer='{first}']").GetAttributeAsync("aria-label"),
            Does.Contain("they dialled").And.Contain("ping"));
        await page.Keyboard.PressAsync("Tab");
        Assert.That(await FocusedPeerAsync(page), Is.Null, "and on behind it");
        Assert.That(await page.EvaluateAsync<string>("document.documentElement.dataset.theme"), Is.EqualTo("dark"));
        await DisposeAsync(peers);
    }

    [Test]
    public async Task A_peer_is_banned_with_a_button_by_whoever_has_the_cookie_and_by_nobody_else()
    {
        await using ViewRig rig = await StartAsync();
        RawClient[] peers = await ConnectAsync(rig.Node, 2);
        (IPage page, List<string> complaints) = await _browser.OpenAsync(rig.Address);
        ILocator ban = page.Locator("#peers tr").First.GetByRole(AriaRole.Button, new() { Name = "Ban peer" });
        await ban.ClickAsync();
        string host = await page.Locator("#ban-hosts").InputValueAsync();
        await page.Locator("#ban-dialog button.primary").ClickAsync();

        await page.Locator("#secret").FillAsync("__cookie__:wrong");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("#notice")).ToHaveTextAsync("That is not the node’s cookie.", new() { Timeout = 20_000 });
        Assert.That(rig.Node.Node.GetBans(), Is.Empty);
        Assert.That(complaints.RemoveAll(complaint => complaint.Contains("401", StringComparison.Ordinal)), Is.EqualTo(1));

        await ban.ClickAsync();
        await page.Locator("#ban-dialog button.primary").ClickAsync();
        await page.Locator("#secret").FillAsync(ViewRig.Secret);
        await page.Keyboard.PressAsync("Enter");
        await Eventually.IsAsync(() => rig.Node.Node.GetBans().Count == 1);
        Assert.That(rig.Node.Node.GetBans()[0].Hosts, Is.EqualTo(Subnet.Parse(host)));
        await Assertions.Expect(page.Locator("#peers tr")).ToHaveCountAsync(1, new() { Timeout = 20_000 });

        ILocator lift = page.GetByRole(AriaRole.Button, new() { Name = $"Lift the ban of {host}" });
        await Assertions.Expect(lift).ToBeVisibleAsync(Visible);
        await lift.ClickAsync();
        await Eventually.IsAsync(() => rig.Node.Node.GetBans().Count == 0);
        Assert.That(complaints, Is.Empty);
        await DisposeAsync(peers);
    }

    [Test]
    public async Task A_name_that_a_peer_gives_itself_is_text_and_nothing_else()
    {
        await using ViewRig rig = await StartAsync();
        byte[] version = RawBytes.Version(userAgent: "/<img src=x onerror=alert(1)>/");
        await using RawClient peer = await ConnectOneAsync(rig.Node, 0, version);
        (IPage page, List<string> complaints) = await _browser.OpenAsync(rig.Address);

        await Assertions.Expect(page.Locator("#peers tr")).ToHaveCountAsync(1, new() { Timeout = 20_000 });
        await Assertions.Expect(page.Locator("#peers .agent")).ToContainTextAsync("img", new() { Timeout = 20_000 });

        Assert.That(await page.Locator("#peers img").CountAsync(), Is.Zero);
        Assert.That(complaints, Is.Empty);
    }

    [TestCase(ColorScheme.Light)]
    [TestCase(ColorScheme.Dark)]
    public async Task All_text_is_dark_enough_on_light_and_light_enough_on_dark(ColorScheme scheme)
    {
        await using ViewRig rig = await StartAsync();
        RawClient[] peers = await ConnectAsync(rig.Node, 2);
        (IPage page, _) = await _browser.OpenAsync(rig.Address, scheme);
        await Assertions.Expect(page.Locator("#radar .peer")).ToHaveCountAsync(2, new() { Timeout = 20_000 });

        // Colours of text on those of panels and ground, as WCAG 2 counts: 4.5 to 1 for text, 3 to 1 for marks.
        JsonElement contrasts = await page.EvaluateAsync<JsonElement>(
            """
            () => {
              const style = getComputedStyle(document.documentElement);
              const light = name => {
                const channels = style.getPropertyValue(name).trim().match(/[0-9a-f]{2}/gi).map(part => parseInt(part, 16) / 255)
                  .map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
                return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2];
              };
              const contrast = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
              return ["--ink", "--soft", "--out", "--in", "--first", "--bad"].map(name => [name, contrast(name, "--panel"), contrast(name, "--ground")]);
            }
            """);
        foreach (JsonElement one in contrasts.EnumerateArray())
        {
            string name = one[0].GetString()!;
            Assert.That(one[1].GetDouble(), Is.GreaterThan(4.5), string.Create(CultureInfo.InvariantCulture, $"{name} on a panel"));
            Assert.That(one[2].GetDouble(), Is.GreaterThan(4.5), string.Create(CultureInfo.InvariantCulture, $"{name} on the ground"));
        }

        await DisposeAsync(peers);
    }

    /// <summary>Starts a node that lets the test's hosts connect as fast as they like.</summary>
    private static async Task<ViewRig> StartAsync() => await ViewRig.StartAsync(
        await TestNode.StartDisguisedAsync(new P2POptions { Whitelist = ["relay@192.0.2.0/24"] }));

    private static Task<string?> FocusedPeerAsync(IPage page) =>
        page.EvaluateAsync<string?>("document.activeElement.closest('#radar .peer')?.dataset.peer ?? null");

    private static async Task<RawClient[]> ConnectAsync(TestNode node, int count)
    {
        var peers = new RawClient[count];
        for (int i = 0; i < count; i++)
            peers[i] = await ConnectOneAsync(node, i);
        await node.WaitForPeersAsync(count);
        return peers;
    }

    /// <summary>Connects from a host of its own.</summary>
    private static async Task<RawClient> ConnectOneAsync(TestNode node, int number, byte[]? version = null)
    {
        RawClient peer = await RawClient.ConnectAsync(
            node.Endpoint.Port, from: string.Create(CultureInfo.InvariantCulture, $"127.0.0.{number + 2}"));
        await peer.HandshakeAsync(version: version);
        return peer;
    }

    /// <summary>Keeps a picture where somebody asks for it, to be looked at.</summary>
    private static async Task SaveAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("LOGOSP2P_SCREENSHOTS") is { } directory)
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(directory, name), FullPage = true });
    }

    private static async Task DisposeAsync(IEnumerable<RawClient> peers)
    {
        foreach (RawClient peer in peers)
            await peer.DisposeAsync();
    }
}
