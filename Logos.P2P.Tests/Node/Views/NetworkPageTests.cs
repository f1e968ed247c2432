using Microsoft.Playwright;
using NUnit.Framework;

namespace Logos.P2P.Tests.Node.Views;

/// <summary><c>logosp2p testnet view</c>: real processes, a real browser.</summary>
internal sealed class NetworkPageTests
{
    private const int Nodes = 5;

    [Test]
    public async Task A_message_colours_every_node_as_it_reaches_it()
    {
        await using Browser browser = await Browser.StartAsync();
        using var temporary = new TemporaryDirectory();
        string directory = $"-dir={temporary.File("net")}";
        try
        {
            await RunAsync("up", $"--nodes={Nodes}", "--degree=2", directory);
            await using ProgramProcess view = ProgramProcess.Start("testnet", "view", directory);
            string line = await view.Output.WaitForAsync("The network is shown at ");
            (IPage page, List<string> complaints) = await browser.OpenAsync(new Uri(line[line.IndexOf("http", StringComparison.Ordinal)..]));
            await Assertions.Expect(page.Locator("#network .node")).ToHaveCountAsync(Nodes, new() { Timeout = 20_000 });
            await Assertions.Expect(page.Locator("#network-summary")).ToContainTextAsync("5 of 5 run");

            await RunAsync("send", "--node=2", "--size=3000", directory);

            ILocator row = page.Locator("#messages tr").First;
            await Assertions.Expect(row).ToContainTextAsync($"{Nodes}/{Nodes}", new() { Timeout = 20_000 });
            await Assertions.Expect(row).ToContainTextAsync("3,000");
            await Assertions.Expect(page.Locator("#network .node.origin")).ToHaveAttributeAsync("data-node", "2");
            await Assertions.Expect(page.Locator("#clock")).ToContainTextAsync($"{Nodes} of {Nodes}", new() { Timeout = 20_000 });
            await Assertions.Expect(page.Locator("#play")).ToHaveTextAsync("Play", new() { Timeout = 20_000 });
            string[] colours = await page.EvaluateAsync<string[]>(
                "[...document.querySelectorAll('#network .node circle')].map(circle => circle.style.fill)");
            Assert.That(colours, Has.All.StartsWith("rgb("));
            Assert.That(colours, Has.One.EqualTo(colours[2]), "where it began is the fullest");
            Assert.That(await page.Locator("#network .edge.way").CountAsync(), Is.EqualTo(Nodes - 1), "a tree");

            // Back to the beginning: nobody has it but its origin.
            await page.Locator("#time").FillAsync("0");
            await Assertions.Expect(page.Locator("#clock")).ToContainTextAsync($"1 of {Nodes}");
            // What is drawn again, here and each second by the news of the network, is the moment that was chosen.
            await page.Locator("#theme").ClickAsync();
            Assert.That(await page.Locator("#clock").TextContentAsync(), Does.EndWith($"1 of {Nodes}"));
            await page.Locator("#network .node[data-node='0']").FocusAsync();
            await Assertions.Expect(page.Locator("#node")).ToContainTextAsync("Node 0 had it after");
            await page.Keyboard.PressAsync("ArrowRight");
            await Assertions.Expect(page.Locator("#node")).ToContainTextAsync("Node 1 had it after");
            Assert.That(complaints, Is.Empty);
            Assert.That(await view.StopAsync(), Is.Zero, view.Errors.Text);
            Assert.That(view.Errors.Text, Is.Empty);
        }
        finally
        {
            await using ProgramProcess down = ProgramProcess.Start("testnet", "down", directory);
            await down.WaitForExitAsync();
        }
    }

    private static async Task RunAsync(params string[] arguments)
    {
        await using ProgramProcess program = ProgramProcess.Start(["testnet", .. arguments]);
        Assert.That(await program.WaitForExitAsync(), Is.Zero, program.Errors.Text);
    }
}
