using System.Buffers;
using System.IO.Pipelines;
using Logos.P2P.Simulation.Engine;
using Logos.P2P.Simulation.Links;
using Logos.P2P.Tests.AddrMan;
using Logos.P2P.Transport;
using Logos.P2P.Wire;

namespace Logos.P2P.Tests.Simulation.Links;

/// <summary>A few hosts, 10 ms apart, with uplinks of a megabyte a second and nothing that runs on them.</summary>
internal sealed class LinkRig
{
    public const double BytesPerSecond = 1e6;
    public const ushort Port = 14495;
    public static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(10);

    private readonly SimulatedHost[] _hosts;
    private readonly IConnectionListener[] _listeners;

    public LinkRig(LinkModel? links = null, int hosts = 3)
    {
        Internet = new SimulatedInternet(Loop, links ?? new UniformLinks(Delay), new Random(7), new Trace());
        _hosts = [.. Enumerable.Range(1, hosts).Select(i => Internet.AddHost(AddressOf(i), BytesPerSecond))];
        _listeners = [.. _hosts.Select(host => host.Listen(new NetEndpoint(host.Address, Port)))];
    }

    public SimulationLoop Loop { get; } = new();

    public SimulatedInternet Internet { get; }

    public SimulatedHost this[int host] => _hosts[host];

    public IConnectionListener ListenerOf(int host) => _listeners[host];

    public static NetAddress AddressOf(int number) => Book.Host($"20.{number}.0.1");

    public NetEndpoint EndpointOf(int host) => new(_hosts[host].Address, Port);

    /// <summary>Connects one host to another.</summary>
    public (IConnection Dialled, IConnection Accepted) Connect(int from, int to)
    {
        Task<IConnection> dial = Dial(from, EndpointOf(to));
        Task<IConnection?> accept = Run(_listeners[to].AcceptAsync);
        Loop.RunUntilDone(dial, TimeSpan.FromMinutes(1));
        Loop.RunUntilDone(accept, TimeSpan.FromMinutes(1));
        return (dial.Result, accept.Result!);
    }

    public Task<IConnection> Dial(int from, NetEndpoint to, CancellationToken cancellation = default) =>
        Run(() => _hosts[from].ConnectAsync(to, cancellation));

    /// <summary>Sends all of some bytes as fast as the connection takes them.</summary>
    public void Send(IConnection connection, byte[] bytes) => Loop.Do(() => _ = SendAsync(connection, bytes));

    /// <summary>Reads all that comes from now on.</summary>
    public Reading Read(IConnection connection)
    {
        var reading = new Reading(Loop);
        Loop.Do(() => _ = reading.RunAsync(connection.Input));
        return reading;
    }

    public static byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }

    private Task<T> Run<T>(Func<Task<T>> work)
    {
        Task<T>? task = null;
        Loop.Do(() => task = work());
        return task!;
    }

    private static async Task SendAsync(IConnection connection, byte[] bytes)
    {
        try
        {
            for (int sent = 0; sent < bytes.Length;)
                sent += await connection.SendAsync(bytes.AsMemory(sent));
        }
        catch (IOException)
        {
            // The test that ends a connection sees so at the other end.
        }
    }

    /// <summary>What came, and when.</summary>
    public sealed class Reading(SimulationLoop loop)
    {
        private readonly List<byte> _bytes = [];

        public byte[] Bytes => [.. _bytes];

        public int Count => _bytes.Count;

        public TimeSpan LastAt { get; private set; }

        public bool HasEnded { get; private set; }

        public Exception? Error { get; private set; }

        public async Task RunAsync(PipeReader input)
        {
            try
            {
                while (true)
                {
                    ReadResult result = await input.ReadAsync();
                    if (!result.Buffer.IsEmpty)
                        LastAt = loop.Now;
                    _bytes.AddRange(result.Buffer.ToArray());
                    input.AdvanceTo(result.Buffer.End);
                    if (!result.IsCompleted)
                        continue;
                    HasEnded = true;
                    return;
                }
            }
            catch (IOException e)
            {
                Error = e;
            }
        }
    }
}
