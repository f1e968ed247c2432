using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Logos.P2P.Testnet.Processes;

/// <summary>
/// A process of this very program that outlives the one that starts it, and is found again by whoever comes later: its
/// number is in a file, which it writes itself before it becomes the program, so no moment of interruption loses it.
/// </summary>
/// <param name="directory">Where its <c>pid</c> and its <c>log</c> (standard error) are.</param>
/// <param name="arguments">
/// The program's arguments. One of them must belong to this process alone: a process with its number but other arguments
/// is another one, which the system gave the number later.
/// </param>
internal sealed partial class DetachedProcess(string directory, IReadOnlyList<string> arguments)
{
    /// <summary>
    /// In a session of its own, so that Ctrl-C and the end of the terminal pass it by; and as a descendant with no tie to
    /// our streams, so that nobody who reads them waits for it.
    /// </summary>
    private const string Script = """
        echo $$ >"$0/pid.new" && mv "$0/pid.new" "$0/pid" && exec setsid "$@" </dev/null >/dev/null 2>>"$0/log"
        """;

    private const int SigKill = 9;
    private const int SigTerm = 15;
    private const int SigCont = 18;
    private const int SigStop = 19;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(5);

    /// <summary>A node needs a second to stop; on a machine with a hundred of them a while more.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromMinutes(1);

    /// <summary>When it was last started; null: never.</summary>
    public DateTimeOffset? StartedAt => File.Exists(PidFile) ? File.GetLastWriteTimeUtc(PidFile) : null;

    /// <summary>The file with what it wrote to standard error.</summary>
    public string LogFile => Path.Combine(directory, "log");

    private string PidFile => Path.Combine(directory, "pid");

    /// <summary>Whether it has ended. While it becomes the program its arguments cannot be seen for a moment, as when it is about to end.</summary>
    public bool IsGone => Look() is (_, Sight.None);

    /// <summary>Its number while it runs; null when it does not.</summary>
    public int? FindId() => Look() is (var id, Sight.Program) ? id : null;

    private (int Id, Sight Sight) Look()
    {
        string? text = ReadOrNull(PidFile);
        return int.TryParse(text, NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out int id)
            ? (id, SightOf(id))
            : default;
    }

    private Sight SightOf(int id)
    {
        string[]? theirs = ReadOrNull($"/proc/{id}/cmdline")?.Split('\0', StringSplitOptions.RemoveEmptyEntries);
        if (theirs is { Length: > 0 })
            return theirs.TakeLast(arguments.Count).SequenceEqual(arguments) ? Sight.Program : Sight.None;
        // Also of those that have ended while nobody has asked how nothing is seen.
        return ReadOrNull($"/proc/{id}/stat")?.Split(") ")[^1][0] is null or 'Z' or 'X' ? Sight.None : Sight.NoArguments;
    }

    private static string? ReadOrNull(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Starts it, and returns when it can be found.</summary>
    /// <param name="environment">What its environment has besides ours.</param>
    /// <exception cref="IOException">The system has no room for it.</exception>
    public async Task StartAsync(IReadOnlyDictionary<string, string> environment)
    {
        Directory.CreateDirectory(directory);
        File.Delete(PidFile);
        var start = new ProcessStartInfo("/bin/sh", ["-c", Script, directory, .. ThisProgram.Command, .. arguments]);
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        try
        {
            using Process process = Process.Start(start)!;
            while (!File.Exists(PidFile) && !process.HasExited)
                await Task.Delay(Poll).ConfigureAwait(false);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new IOException(e.Message, e);
        }
    }

    /// <summary>Ends it, as a power failure does it, and returns when it is gone.</summary>
    public Task KillAsync() => SignalAsync(SigKill);

    /// <summary>Asks it to stop, and returns when it has.</summary>
    public Task StopAsync() => SignalAsync(SigTerm);

    /// <summary>Has it stand still.</summary>
    public void Freeze() => Signal(SigStop);

    /// <summary>Has it go on.</summary>
    public void Thaw() => Signal(SigCont);

    private void Signal(int signal)
    {
        if (FindId() is { } id)
            _ = Kill(id, signal);
    }

    private async Task SignalAsync(int signal)
    {
        if (FindId() is not { } id)
            return;
        _ = Kill(id, signal);
        long start = Stopwatch.GetTimestamp();
        // Its files are closed after its memory, and with it its arguments, is gone.
        while (SightOf(id) != Sight.None)
        {
            if (Stopwatch.GetElapsedTime(start) > StopPatience)
                throw new TestnetException($"Process {id} does not end; see {LogFile}.");
            await Task.Delay(Poll).ConfigureAwait(false);
        }
    }

    /// <summary>What can be seen of a process.</summary>
    private enum Sight
    {
        /// <summary>Nothing, or it is another.</summary>
        None,

        /// <summary>That there is one, between two programs or at its end.</summary>
        NoArguments,

        /// <summary>That it is the program.</summary>
        Program,
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int processId, int signal);
}
