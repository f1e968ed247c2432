using NUnit.Framework;

namespace Logos.P2P.Tests.Node.Completion;

/// <summary>Completion in real shells, in a real terminal.</summary>
internal sealed class CompletionTests
{
    [TestCase("bash")]
    [TestCase("zsh")]
    public async Task A_shell_completes_commands_options_and_values(string shell)
    {
        await using Terminal terminal = await StartAsync(shell);

        await CompletesAsync("stat", "% logosp2p status");
        await CompletesAsync("peers disc", "% logosp2p peers disconnect");
        await CompletesAsync("run -maxmessager", "% logosp2p run -maxmessagerate=");
        await CompletesAsync("run -relay=ea", "% logosp2p run -relay=eager");
        await CompletesAsync("run --relay ea", "% logosp2p run --relay eager");
        await CompletesAsync("run -regtest --rpcallo", "% logosp2p run -regtest --rpcallowip=");
        await CompletesAsync("call getrawa", "% logosp2p call getrawaddrman");
        await CompletesAsync("completion z", "% logosp2p completion zsh");
        await CompletesAsync("run -datadir=/pro", "% logosp2p run -datadir=/proc/");

        async Task CompletesAsync(string typed, string completed)
        {
            await terminal.TypeAsync("-l", $"logosp2p {typed}");
            await terminal.TypeAsync("Tab");
            await terminal.WaitForAsync(completed);
            await terminal.TypeAsync("C-c");
            await terminal.TypeAsync("C-l");
        }
    }

    [TestCase("bash")]
    [TestCase("zsh")]
    public async Task Where_several_fit_all_are_shown(string shell)
    {
        await using Terminal terminal = await StartAsync(shell);
        await terminal.TypeAsync("-l", "logosp2p bans ");
        await terminal.TypeAsync("Tab", "Tab");

        string screen = await terminal.WaitForAsync("clear");

        Assert.That(screen, Does.Contain("add").And.Contain("remove"));
    }

    private static async Task<Terminal> StartAsync(string shell)
    {
        Terminal terminal = shell == "bash"
            ? await Terminal.StartAsync("bash", "--norc", "--noprofile", "-i")
            : await Terminal.StartAsync("zsh", "-f", "-i");
        await terminal.TypeAsync("-l", shell == "bash" ? "PS1='% '" : "PS1='%% '; autoload -Uz compinit; compinit -u -D");
        await terminal.TypeAsync("Enter");
        await terminal.TypeAsync("-l", $"source <(logosp2p completion {shell}); clear; echo loaded");
        await terminal.TypeAsync("Enter");
        await terminal.WaitForAsync(screen => screen.StartsWith("loaded", StringComparison.Ordinal));
        return terminal;
    }
}
