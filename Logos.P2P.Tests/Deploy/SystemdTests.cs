using System.Diagnostics;
using NUnit.Framework;

namespace Logos.P2P.Tests.Deploy;

/// <summary>The unit in deploy/systemd is what systemd understands, and leaves a node that was taken over little to do.</summary>
internal sealed class SystemdTests
{
    private static readonly string Unit = Repository.Find("deploy", "systemd", "logosp2p.service");

    [Test]
    public async Task Every_line_is_understood()
    {
        (_, string output) = await AnalyzeAsync("verify", Unit);

        // Where it is not installed, that is all there is to say.
        Assert.That(
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            Has.None.Not.Contains("Command /opt/logosp2p/logosp2p is not executable"));
    }

    [Test]
    public async Task Its_exposure_is_low()
    {
        // Of 100, in tenths of what systemd shows. It shows 1.4 here and calls up to 2 OK.
        (int exitCode, string output) = await AnalyzeAsync("security", "--offline=true", "--threshold=20", Unit);

        Assert.That(exitCode, Is.Zero, output);
    }

    private static async Task<(int ExitCode, string Output)> AnalyzeAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("systemd-analyze", ["--no-pager", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Ignore("systemd-analyze is not installed.");
            throw;
        }

        using (process)
        {
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync().WaitAsync(TestNode.Patience);
            return (process.ExitCode, output + await errors);
        }
    }
}
