using System.Diagnostics;
using System.Globalization;

namespace Logos.P2P.Bench.Hop;

/// <summary>A process of a line: this program in one of its roles, talked to in lines.</summary>
internal sealed class RoleProcess : IDisposable
{
    private readonly Process _process;

    /// <param name="program">The program; this one, or another build of it.</param>
    /// <param name="arguments">The role.</param>
    public RoleProcess(string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", [program, "role", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        _process = Process.Start(start)!;
    }

    /// <summary>Processor time used so far.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Bytes of memory in use.</summary>
    public long Memory
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public int Id => _process.Id;

    /// <summary>The next line that it writes, as numbers.</summary>
    public long[] ReadNumbers()
    {
        // Millions of them, where many sinks had many messages.
        ReadOnlySpan<char> line = Read();
        var numbers = new List<long>();
        foreach (Range number in line.Split(' '))
            numbers.Add(long.Parse(line[number], CultureInfo.InvariantCulture));
        return [.. numbers];
    }

    /// <summary>The next line that it writes.</summary>
    public string Read() =>
        _process.StandardOutput.ReadLine() ?? throw new IOException($"A process of the line ended: {_process.StartInfo.ArgumentList[2]}.");

    /// <summary>Waits until it says what it is to say.</summary>
    public void Expect(string line)
    {
        if (Read() is var read && read != line)
            throw new IOException($"A process of the line said '{read}' instead of '{line}'.");
    }

    /// <summary>Tells it a line without waiting for the answer.</summary>
    public void Write(FormattableString line) => _process.StandardInput.WriteLine(FormattableString.Invariant(line));

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
