namespace Logos.P2P.Node;

/// <summary>Shows how far a long run is, on standard error.</summary>
internal sealed class ProgressBar : IProgress<double>, IDisposable
{
    private const int Width = 40;

    private readonly string _title;
    private int _shown = -1;

    private ProgressBar(string title) => _title = title;

    /// <summary>A bar; null where nobody would see it.</summary>
    public static ProgressBar? OnTerminal(string title) => Console.IsErrorRedirected ? null : new ProgressBar(title);

    /// <inheritdoc/>
    public void Report(double value)
    {
        int percent = (int)(100 * Math.Clamp(value, 0, 1));
        if (percent == _shown)
            return;
        _shown = percent;
        int full = percent * Width / 100;
        Console.Error.Write($"\r{_title} [{new string('#', full)}{new string('.', Width - full)}] {percent,3} %");
    }

    /// <summary>Takes the bar away.</summary>
    public void Dispose()
    {
        if (_shown >= 0)
            Console.Error.Write("\r" + new string(' ', _title.Length + Width + 12) + "\r");
        _shown = -1;
    }
}
