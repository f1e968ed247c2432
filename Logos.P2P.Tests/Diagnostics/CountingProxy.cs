using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Logos.P2P.Tests.Diagnostics;

/// <summary>What passed in one direction, by command as it stood on the wire.</summary>
internal sealed class CountedBytes
{
    private const int HeaderSize = 24;

    private readonly Lock _gate = new();
    private readonly List<byte> _unread = [];
    private readonly Dictionary<string, (long Frames, long Bytes)> _byCommand = [];
    private long _total;

    /// <summary>All bytes, those of frames that are not complete included.</summary>
    public long Total
    {
        get
        {
            lock (_gate)
                return _total;
        }
    }

    public Dictionary<string, (long Frames, long Bytes)> ByCommand
    {
        get
        {
            lock (_gate)
                return new(_byCommand);
        }
    }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            _total += bytes.Length;
            _unread.AddRange(bytes);
            while (_unread.Count >= HeaderSize)
            {
                byte[] header = [.. _unread[..HeaderSize]];
                int length = HeaderSize + (int)BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(16));
                if (_unread.Count < length)
                    return;
                string command = Encoding.ASCII.GetString(header, 4, 12).TrimEnd('\0');
                (long frames, long sum) = _byCommand.GetValueOrDefault(command);
                _byCommand[command] = (frames + 1, sum + length);
                _unread.RemoveRange(0, length);
            }
        }
    }
}

/// <summary>
/// Stands between nodes and counts what their sockets carry, knowing nothing of how they count: it takes Bitcoin's header from
/// the documentation and adds up.
/// </summary>
internal sealed class CountingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;
    private readonly List<Task> _copying = [];
    private readonly int _target;

    public CountingProxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where to connect instead.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>What went to the node behind it.</summary>
    public CountedBytes There { get; } = new();

    /// <summary>What came from it.</summary>
    public CountedBytes Back { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_copying);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket near = await _listener.AcceptSocketAsync(_stopping.Token);
                var far = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await far.ConnectAsync(IPAddress.Loopback, _target, _stopping.Token);
                _copying.Add(CarryAsync(near, far));
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task CarryAsync(Socket near, Socket far)
    {
        using (near)
        using (far)
            await Task.WhenAll(CopyAsync(near, far, There), CopyAsync(far, near, Back));
    }

    private async Task CopyAsync(Socket from, Socket to, CountedBytes counted)
    {
        byte[] buffer = new byte[65_536];
        try
        {
            while (await from.ReceiveAsync(buffer, _stopping.Token) is > 0 and int count)
            {
                counted.Add(buffer.AsSpan(0, count));
                for (int sent = 0; sent < count;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), _stopping.Token);
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            to.Close();
        }
    }
}
