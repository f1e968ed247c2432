using System.Threading.Channels;

namespace Logos.P2P.Node.Logs;

/// <summary>
/// Writes lines in a thread of its own, so that whoever logs does not wait for a disk or for whoever reads. What comes faster
/// than it can be written is lost, and counted.
/// </summary>
internal sealed class LogWriter : IDisposable
{
    /// <summary>Lines that wait at most: what a disk does in well below a second, and half a megabyte.</summary>
    private const int MaxWaiting = 5_000;

    /// <summary>How long the last lines may take when the program ends; who reads our output may have stopped to.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Channel<byte[]> _waiting =
        Channel.CreateBounded<byte[]>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });

    private readonly Stream? _console;
    private readonly RotatingFile? _file;
    private readonly Func<string, byte[]> _notice;
    private readonly Thread _thread;
    private long _lost;
    private bool _isFileBroken;

    /// <param name="console">Where lines go; null for nowhere.</param>
    /// <param name="file">The file they go to too; null for none.</param>
    /// <param name="notice">Makes a line of what there is to say of the log itself.</param>
    public LogWriter(Stream? console, RotatingFile? file, Func<string, byte[]> notice)
    {
        _console = console;
        _file = file;
        _notice = notice;
        _thread = new Thread(Run);
        // Who waits for a stuck reader must not keep the process alive.
        _thread.IsBackground = true;
        _thread.Name = "log";
        _thread.Start();
    }

    /// <summary>Takes a line.</summary>
    public void Write(byte[] line)
    {
        if (!_waiting.Writer.TryWrite(line))
            Interlocked.Increment(ref _lost);
    }

    /// <summary>Writes what waits, and ends.</summary>
    public void Dispose()
    {
        if (_waiting.Writer.TryComplete())
            _thread.Join(Patience);
    }

    private void Run()
    {
        ChannelReader<byte[]> reader = _waiting.Reader;
        while (reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (reader.TryRead(out byte[]? line))
                WriteOut(line);
            long lost = Interlocked.Exchange(ref _lost, 0);
            if (lost > 0)
                WriteOut(_notice($"{lost} lines of the log are lost: they came faster than they could be written"));
            Flush();
        }

        _file?.Dispose();
    }

    private void WriteOut(byte[] line)
    {
        WriteToConsole(line);
        TryFile(file => file.Write(line));
    }

    private void Flush()
    {
        TryFile(file => file.Flush());
    }

    private void WriteToConsole(byte[] line)
    {
        try
        {
            _console?.Write(line);
        }
        catch (IOException)
        {
            // Nobody reads standard error any more; there is nobody to tell.
        }
    }

    /// <summary>A disk that is full now may have room later: each line is tried.</summary>
    private void TryFile(Action<RotatingFile> write)
    {
        if (_file is null)
            return;
        try
        {
            write(_file);
            _isFileBroken = false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_isFileBroken)
                WriteToConsole(_notice($"Lines are missing in the log file: {e.Message}"));
            _isFileBroken = true;
        }
    }
}
