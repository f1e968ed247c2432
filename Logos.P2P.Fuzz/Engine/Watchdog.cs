namespace Logos.P2P.Fuzz.Engine;

/// <summary>Ends the process when one input takes too long: a hang is a failure like a crash, and nothing else would end it.</summary>
internal sealed class Watchdog : IDisposable
{
    /// <summary>How long an input may take. The slowest good ones take milliseconds, and a busy machine is a hundred times slower.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Timer _timer;
    private readonly Func<long> _inputs;
    private long _before = -1;

    /// <param name="inputs">How many inputs were tried.</param>
    public Watchdog(Func<long> inputs)
    {
        _inputs = inputs;
        _timer = new Timer(_ => Look(), null, Patience, Patience);
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        long now = _inputs();
        if (now == _before)
            Environment.FailFast($"One input has been tried for {Patience.TotalSeconds} s.");
        _before = now;
    }
}
