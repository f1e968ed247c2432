namespace Logos.P2P.Tests.Relay;

/// <summary>A handler that stands still at messages that begin with <see cref="Blocks"/> until it is opened.</summary>
internal sealed class Gate : IDisposable
{
    public const byte Blocks = 1;
    public const byte Passes = 2;

    private readonly ManualResetEventSlim _open = new();

    public Gate(Func<byte[], Verdict>? judge = null)
    {
        Handler = new RecordingHandler
        {
            Judge = message =>
            {
                if (message[0] == Blocks)
                {
                    Entered.Release();
                    _open.Wait();
                }

                return judge?.Invoke(message) ?? Verdict.Consume;
            },
        };
    }

    public RecordingHandler Handler { get; }

    public SemaphoreSlim Entered { get; } = new(0);

    public void Open() => _open.Set();

    // Not disposed of: a handler may be about to look at it.
    public void Dispose() => _open.Set();
}
