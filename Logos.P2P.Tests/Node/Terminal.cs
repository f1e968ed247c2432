using System.Globalization;
using System.Runtime.InteropServices;
using NUnit.Framework;

namespace Logos.P2P.Tests.Node;

/// <summary>A real terminal (tmux) in which a command runs; a test types into it and reads its screen.</summary>
internal sealed class Terminal : IAsyncDisposable
{
    private static int _made;

    private readonly string _server = $"logosp2p-test-{Environment.ProcessId}-{Interlocked.Increment(ref _made)}";

    private Terminal()
    {
    }

    /// <summary>Starts a command in a terminal of 120 by 30 characters; the program logosp2p is on its path.</summary>
    public static async Task<Terminal> StartAsync(params string[] command)
    {
        var terminal = new Terminal();
        string dotNet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));
        await terminal.TmuxAsync(
        [
            "-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "30",
            "-e", $"DOTNET_ROOT={dotNet}", "-e", "HISTFILE=", .. command,
        ]);
        return terminal;
    }

    /// <summary>Types.</summary>
    /// <param name="keys">Text, or the names of keys as tmux has them: Tab, Enter.</param>
    public Task TypeAsync(params string[] keys) => TmuxAsync(["send-keys", .. keys]);

    /// <summary>Waits until the screen shows something.</summary>
    /// <returns>The screen.</returns>
    public async Task<string> WaitForAsync(Func<string, bool> condition)
    {
        string screen = "";
        DateTimeOffset deadline = DateTimeOffset.UtcNow + TestNode.Patience;
        while (DateTimeOffset.UtcNow < deadline)
        {
            screen = await TmuxAsync(["capture-pane", "-p"]);
            if (condition(screen))
                return screen;
        }

        Assert.Fail(string.Create(CultureInfo.InvariantCulture, $"The screen never showed it:\n{screen}"));
        return screen;
    }

    public Task<string> WaitForAsync(string text) => WaitForAsync(screen => screen.Contains(text, StringComparison.Ordinal));

    public async ValueTask DisposeAsync() => await TmuxAsync(["kill-server"]);

    private async Task<string> TmuxAsync(IEnumerable<string> arguments)
    {
        // A session has the path of whoever starts it, whatever -e says.
        string path = $"PATH={AppContext.BaseDirectory}:{Environment.GetEnvironmentVariable("PATH")}";
        await using ProgramProcess tmux = ProgramProcess.StartTool("env", [path, "tmux", "-L", _server, .. arguments]);
        Assert.That(await tmux.WaitForExitAsync(), Is.Zero, tmux.Errors.Text);
        return tmux.Output.Text;
    }
}
