using Logos.P2P.Transport;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Transport;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class AcceptLoopTests
{
    private readonly ManualTimeProvider _clock = new(DateTimeOffset.UnixEpoch);
    private readonly LogRecorder _log = new();
    private readonly ScriptedListener _listener = new();
    private readonly List<IConnection> _taken = [];

    [Test]
    public async Task Without_descriptors_it_waits_twice_as_long_each_time_up_to_5_seconds_and_says_so_once()
    {
        Task loop = Run();
        _listener.IsOut = true;
        _listener.Next();
        foreach (int milliseconds in (int[])[100, 200, 400, 800, 1600, 3200, 5000, 5000])
        {
            int tries = _listener.Tries;
            await AdvanceAsync(milliseconds - 1);
            Assert.That(_listener.Tries, Is.EqualTo(tries));
            await AdvanceAsync(1);
            await Eventually.IsAsync(() => _listener.Tries == tries + 1);
        }

        Assert.That(_log.Lines, Has.Count.EqualTo(1));
        Assert.That(_log.Lines[0], Does.Contain("No connections are accepted").And.Contain("Too many open files"));

        _listener.IsOut = false;
        await AdvanceAsync(5000);
        _listener.Next();
        await Eventually.IsAsync(() => _taken.Count == 1);
        Assert.That(_log.Lines, Has.Count.EqualTo(2));
        Assert.That(_log.Lines[1], Does.Contain("again"));
        await EndAsync(loop);
    }

    [Test]
    public async Task A_descriptor_that_comes_free_now_and_then_is_no_end_of_the_trouble()
    {
        Task loop = Run();
        int paused = 0;
        for (TimeSpan pause = NodeDefaults.AcceptPauseMin; pause < NodeDefaults.AcceptPauseMax; pause *= 2)
        {
            _listener.IsOut = true;
            _listener.Next();
            await Eventually.IsAsync(() => _log.Lines.Count == (2 * paused) + 1);
            _listener.IsOut = false;
            int tries = _listener.Tries;
            await AdvanceAsync((int)pause.TotalMilliseconds - 1);
            Assert.That(_listener.Tries, Is.EqualTo(tries), "It waits longer than the last time.");
            await AdvanceAsync(1);
            _listener.Next();
            paused++;
            await Eventually.IsAsync(() => _taken.Count == paused);
        }

        await EndAsync(loop);
    }

    [Test]
    public async Task After_a_while_without_trouble_the_wait_starts_small_again()
    {
        Task loop = Run();
        for (int i = 1; i <= 3; i++)
        {
            _listener.IsOut = true;
            _listener.Next();
            _listener.IsOut = false;
            await AdvanceAsync(100);
            _listener.Next();
            await Eventually.IsAsync(() => _taken.Count == i);
            await AdvanceAsync(5000);
        }

        await EndAsync(loop);
    }

    [Test]
    public async Task A_wait_ends_when_the_node_stops()
    {
        using var stopping = new CancellationTokenSource();
        Task loop = Run(stopping: stopping.Token);
        _listener.IsOut = true;
        _listener.Next();

        await stopping.CancelAsync();
        _listener.Dispose();

        await loop.WaitAsync(TestNode.Patience);
    }

    [Test]
    public async Task A_connection_that_cannot_be_taken_over_is_closed_and_the_next_is_accepted()
    {
        bool fails = true;
        var first = new FakeConnection();
        Task loop = Run(take: connection =>
        {
            if (fails)
                throw new InvalidOperationException("broken");
            _taken.Add(connection);
        });
        _listener.Next(first);
        await Eventually.IsAsync(() => first.IsClosed);

        fails = false;
        _listener.Next();
        await Eventually.IsAsync(() => _taken.Count == 1);
        await EndAsync(loop);
    }

    private Task Run(Action<IConnection>? take = null, CancellationToken stopping = default) =>
        AcceptLoop.RunAsync(_listener, take ?? _taken.Add, _clock, _log, stopping);

    /// <summary>Moves the clock once the loop has nothing to do but to wait for it or for a connection.</summary>
    private async Task AdvanceAsync(int milliseconds)
    {
        await Eventually.IsAsync(() => _clock.TimerCount > 0 || _listener.IsWaiting);
        _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
    }

    private async Task EndAsync(Task loop)
    {
        _listener.Dispose();
        await loop.WaitAsync(TestNode.Patience);
    }

    /// <summary>Has a connection when the test says so, and fails as long as the test says so.</summary>
    private sealed class ScriptedListener : IConnectionListener
    {
        private volatile TaskCompletionSource<IConnection?>? _waiting;
        private int _tries;
        private bool _isDisposed;

        public volatile bool IsOut;

        public int Tries => Volatile.Read(ref _tries);

        public bool IsWaiting => _waiting is not null;

        public NetEndpoint LocalEndpoint => NetEndpoint.None;

        public Task<IConnection?> AcceptAsync()
        {
            Interlocked.Increment(ref _tries);
            if (_isDisposed)
                return Task.FromResult<IConnection?>(null);
            if (IsOut)
                throw new IOException("Too many open files");
            var waiting = new TaskCompletionSource<IConnection?>();
            _waiting = waiting;
            return waiting.Task;
        }

        /// <summary>Ends the waiting: with a connection, or with a failure.</summary>
        public void Next(IConnection? connection = null)
        {
            Assert.That(SpinWait.SpinUntil(() => IsWaiting, TestNode.Patience), Is.True);
            TaskCompletionSource<IConnection?> waiting = _waiting!;
            _waiting = null;
            if (IsOut)
                waiting.SetException(new IOException("Too many open files"));
            else
                waiting.SetResult(connection ?? new FakeConnection());
        }

        public void SetBacklog(int count)
        {
        }

        public void Dispose()
        {
            _isDisposed = true;
            _waiting?.TrySetResult(null);
        }
    }
}
