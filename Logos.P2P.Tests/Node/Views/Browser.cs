using Microsoft.Playwright;

namespace Logos.P2P.Tests.Node.Views;

/// <summary>Debian's Chromium, driven by Playwright; one for all tests that look at pages.</summary>
internal sealed class Browser : IAsyncDisposable
{
    /// <summary>
    /// As root it has no sandbox, and it is to talk to nobody but the page: neither look for updates nor try QUIC.
    /// </summary>
    private static readonly string[] Flags =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ];

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private Browser(IPlaywright playwright, IBrowser browser) => (_playwright, _browser) = (playwright, browser);

    /// <summary>Starts it. Where it is missing the test is not run, and says so.</summary>
    public static async Task<Browser> StartAsync()
    {
        string chromium = Tool.Require("chromium");
        IPlaywright playwright = await Playwright.CreateAsync();
        IBrowser browser = await playwright.Chromium.LaunchAsync(
            new BrowserTypeLaunchOptions { ExecutablePath = chromium, Args = Flags });
        return new Browser(playwright, browser);
    }

    /// <summary>Opens a page, and collects what it complains of.</summary>
    public async Task<(IPage Page, List<string> Complaints)> OpenAsync(Uri address, ColorScheme scheme = ColorScheme.Light)
    {
        IBrowserContext context = await _browser.NewContextAsync(new BrowserNewContextOptions
        {
            ColorScheme = scheme,
            ViewportSize = new ViewportSize { Width = 1440, Height = 1000 },
        });
        IPage page = await context.NewPageAsync();
        var complaints = new List<string>();
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                complaints.Add(message.Text);
        };
        page.PageError += (_, error) => complaints.Add(error);
        page.Request += (_, request) =>
        {
            if (new Uri(request.Url).Authority != address.Authority)
                complaints.Add($"asked {request.Url}");
        };
        await page.GotoAsync(address.AbsoluteUri);
        return (page, complaints);
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
