namespace Logos.P2P.Node.Captures;

/// <summary>The messages of several files in the order of their times, as far as the files can be read.</summary>
/// <param name="errors">Is told which cannot, and where.</param>
internal sealed class CaptureMerge(TextWriter errors) : IDisposable
{
    /// <summary>Where times are equal, in the order of the files: what was received before what was sent.</summary>
    private readonly PriorityQueue<(CaptureReader From, CapturedMessage Message), (ulong Time, int File)> _next = new();
    private int _files;

    /// <summary>Whether something could not be read.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Takes another file.</summary>
    public void Add(string path)
    {
        try
        {
            Advance(CaptureReader.Open(path), ++_files);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Fail(e);
        }
    }

    /// <summary>The next message; false when there is none.</summary>
    public bool TryTake(out CapturedMessage message)
    {
        message = default;
        if (!_next.TryDequeue(out (CaptureReader From, CapturedMessage Message) first, out (ulong Time, int File) place))
            return false;
        message = first.Message;
        Advance(first.From, place.File);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_next.TryDequeue(out (CaptureReader From, CapturedMessage Message) left, out _))
            left.From.Dispose();
    }

    private void Advance(CaptureReader reader, int file)
    {
        try
        {
            if (reader.TryRead(out CapturedMessage message))
            {
                _next.Enqueue((reader, message), (message.Header.Microseconds, file));
                return;
            }
        }
        catch (IOException e)
        {
            Fail(e);
        }

        reader.Dispose();
    }

    private void Fail(Exception e)
    {
        errors.WriteLine(LineText.Escape(e.Message));
        HasFailed = true;
    }
}
