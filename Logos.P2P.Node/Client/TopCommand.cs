using System.CommandLine;
using Spectre.Console;
using Command = System.CommandLine.Command;

namespace Logos.P2P.Node.Client;

/// <summary><c>logosp2p top</c>: a running node and its peers, drawn anew every second.</summary>
internal static class TopCommand
{
    /// <summary>How soon a key is seen.</summary>
    private static readonly TimeSpan KeyPoll = TimeSpan.FromMilliseconds(50);

    /// <summary>Makes it.</summary>
    public static Command Create()
    {
        var interval = new Option<int?>("--interval")
        {
            Description = "Seconds from one look to the next. Default: 1.",
            HelpName = "seconds",
            CustomParser = argument => WholeNumber.Parse(argument, "--interval", 1, 3600),
        };
        return ClientCommand.Create(
            "top",
            "Watch a running node and its peers. s changes the order of peers, q quits.",
            (client, result) => WatchAsync(client, TimeSpan.FromSeconds(result.GetValue(interval) ?? 1)),
            interval);
    }

    private static async Task WatchAsync(RpcClient client, TimeSpan interval)
    {
        if (Console.IsOutputRedirected || Console.IsInputRedirected)
            throw new ClientException("top needs a terminal; 'logosp2p status' and 'logosp2p peers' print what it shows.");
        NodeStatus before = await NodeStatus.AskAsync(client).ConfigureAwait(false), now = before;
        TopOrder order = TopOrder.Traffic;
        IAnsiConsole console = AnsiConsole.Console;
        Task watching = console.Live(new Text("")).Overflow(VerticalOverflow.Crop).StartAsync(async live =>
        {
            while (true)
            {
                live.UpdateTarget(new TopScreen(before, now).Draw(order, Console.WindowHeight));
                live.Refresh();
                switch (await WaitForKeyAsync(interval).ConfigureAwait(false))
                {
                    case 'q':
                        return;
                    case 's':
                        order = (TopOrder)(((int)order + 1) % Enum.GetValues<TopOrder>().Length);
                        break;
                    default:
                        (before, now) = (now, await NodeStatus.AskAsync(client).ConfigureAwait(false));
                        break;
                }
            }
        });
        await watching.ConfigureAwait(false);
    }

    /// <summary>Waits for a key that means something.</summary>
    /// <returns>Null when none was pressed.</returns>
    private static async Task<char?> WaitForKeyAsync(TimeSpan patience)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(start) < patience)
        {
            while (Console.KeyAvailable)
            {
                char key = Console.ReadKey(intercept: true).KeyChar;
                if (key is 'q' or 's')
                    return key;
            }

            await Task.Delay(KeyPoll).ConfigureAwait(false);
        }

        return null;
    }
}
