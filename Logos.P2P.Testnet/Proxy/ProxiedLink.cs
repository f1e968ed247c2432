using System.Net;
using System.Net.Sockets;

namespace Logos.P2P.Testnet.Proxy;

/// <summary>
/// The link on which one node dials another: the dialling node connects here, and each connection is carried on to the
/// other.
/// </summary>
internal sealed class ProxiedLink : IDisposable
{
    private readonly LinkPlan _plan;
    private readonly DelayClock _clock;
    private readonly Random _random;
    private readonly Socket _listener;
    private readonly Lock _gate = new();
    private readonly HashSet<Socket> _sockets = [];
    private LinkConditions _conditions;
    private TaskCompletionSource _whole = Completed();
    private long _bytes;
    private bool _isDisposed;

    /// <summary>Listens for the dialling node.</summary>
    /// <exception cref="SocketException">The port is taken.</exception>
    public ProxiedLink(LinkPlan plan, DelayClock clock, Random random)
    {
        (_plan, _clock, _random) = (plan, clock, random);
        _listener = NewSocket();
        _listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, plan.Port));
        _listener.Listen();
        _ = AcceptAsync();
    }

    public LinkConditions Conditions
    {
        get
        {
            lock (_gate)
                return _conditions;
        }

        set
        {
            TaskCompletionSource? whole = null;
            lock (_gate)
            {
                if (value.IsCut && !_conditions.IsCut)
                    _whole = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                else if (!value.IsCut)
                    whole = _whole;
                _conditions = value;
            }

            whole?.TrySetResult();
        }
    }

    /// <summary>The nodes it links.</summary>
    public (int From, int To) Ends => (_plan.From, _plan.To);

    /// <summary>Waits while the link is cut.</summary>
    public Task WhenWholeAsync()
    {
        lock (_gate)
            return _whole.Task;
    }

    /// <summary>Counts bytes that were carried.</summary>
    public void Count(int bytes) => Interlocked.Add(ref _bytes, bytes);

    public LinkStatus GetStatus()
    {
        lock (_gate)
        {
            return new LinkStatus(
                _plan.From,
                _plan.To,
                _conditions.Delay.TotalMilliseconds,
                _conditions.Jitter.TotalMilliseconds,
                _conditions.BytesPerSecond,
                _conditions.IsCut,
                _sockets.Count / 2,
                Interlocked.Read(ref _bytes));
        }
    }

    /// <summary>Breaks the connections; new ones may come.</summary>
    public void Reset()
    {
        Socket[] sockets;
        lock (_gate)
        {
            sockets = [.. _sockets];
            _sockets.Clear();
        }

        // Without lingering, so that both ends see a reset and not an orderly end.
        foreach (Socket socket in sockets)
            socket.Close(0);
    }

    public void Dispose()
    {
        lock (_gate)
            _isDisposed = true;
        _listener.Dispose();
        Reset();
        Conditions = default;
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket near;
            try
            {
                near = await _listener.AcceptAsync().ConfigureAwait(false);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }

            _ = CarryAsync(near);
        }
    }

    private async Task CarryAsync(Socket near)
    {
        Socket far = NewSocket();
        if (!TryAdd(near, far))
            return;
        try
        {
            near.NoDelay = true;
            far.NoDelay = true;
            await WhenWholeAsync().ConfigureAwait(false);
            // The other node sees by the address who dials it.
            far.Bind(new IPEndPoint(NodeAddress.Of(_plan.From), 0));
            await far.ConnectAsync(new IPEndPoint(IPAddress.Loopback, _plan.TargetPort)).ConfigureAwait(false);
            Task there = NewLine().RunAsync(near, far);
            Task back = NewLine().RunAsync(far, near);
            // An orderly end goes each way for itself; a broken one ends both.
            await (await Task.WhenAny(there, back).ConfigureAwait(false)).ConfigureAwait(false);
            await Task.WhenAll(there, back).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // That is how connections end.
        }
        finally
        {
            lock (_gate)
            {
                _sockets.Remove(near);
                _sockets.Remove(far);
            }

            near.Close(0);
            far.Close(0);
        }
    }

    private bool TryAdd(Socket near, Socket far)
    {
        lock (_gate)
        {
            if (!_isDisposed)
                return _sockets.Add(near) && _sockets.Add(far);
        }

        near.Dispose();
        far.Dispose();
        return false;
    }

    private DelayLine NewLine()
    {
        lock (_gate)
            return new DelayLine(this, _clock, new Random(_random.Next()));
    }

    private static Socket NewSocket() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    private static TaskCompletionSource Completed()
    {
        var completed = new TaskCompletionSource();
        completed.SetResult();
        return completed;
    }
}
