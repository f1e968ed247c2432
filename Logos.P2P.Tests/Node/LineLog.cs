using NUnit.Framework;

namespace Logos.P2P.Tests.Node;

/// <summary>The lines that a process has written to one of its streams, and a way to wait for one.</summary>
/// <param name="name">What to call the stream when a line does not come.</param>
internal sealed class LineLog(string name)
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _reader = new(1);
    private bool _hasEnded;

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate)
                return [.. _lines];
        }
    }

    public string Text => string.Join('\n', Lines);

    /// <summary>Reads a stream to its end.</summary>
    public async Task FillAsync(TextReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            Add(line);
            await _reader.WaitAsync();
            _reader.Release();
        }

        Add(null);
    }

    /// <summary>Takes one more line at most, and then none: the process must not be waited for now.</summary>
    public void Pause() => _reader.Wait();

    /// <summary>Reads on.</summary>
    public void Resume() => _reader.Release();

    /// <summary>Waits for the first line with a text.</summary>
    public Task<string> WaitForAsync(string text) => WaitForAsync(text, 1);

    /// <summary>Waits until so many lines have a text.</summary>
    /// <returns>The last of them.</returns>
    public async Task<string> WaitForAsync(string text, int count)
    {
        for (int next = 0; ;)
        {
            Task more;
            lock (_gate)
            {
                for (; next < _lines.Count; next++)
                {
                    if (_lines[next].Contains(text, StringComparison.Ordinal) && --count == 0)
                        return _lines[next];
                }

                more = _hasEnded ? Task.FromException(new EndOfStreamException()) : _more.Task;
            }

            try
            {
                await more.WaitAsync(TestNode.Patience);
            }
            catch (Exception e) when (e is EndOfStreamException or TimeoutException)
            {
                Assert.Fail($"'{text}' did not come on {name}. What came:\n{Text}");
            }
        }
    }

    private void Add(string? line)
    {
        TaskCompletionSource more;
        lock (_gate)
        {
            if (line is null)
                _hasEnded = true;
            else
                _lines.Add(line);
            more = _more;
            _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        more.SetResult();
    }
}
