using Logos.P2P.Transport;
using Logos.P2P.Wire;

namespace Logos.P2P.Simulation.Links;

/// <summary>A listening endpoint of a simulated host.</summary>
internal sealed class SimulatedListener(SimulatedHost host, NetEndpoint endpoint) : IConnectionListener
{
    private readonly Queue<IConnection> _established = new();
    private TaskCompletionSource? _news;
    private bool _isClosed;

    public NetEndpoint LocalEndpoint => endpoint;

    public void SetBacklog(int count)
    {
        // Hosts here are no attackers of kernels: all that is established is accepted in the same moment.
    }

    public async Task<IConnection?> AcceptAsync()
    {
        while (true)
        {
            if (_isClosed)
                return null;
            if (_established.TryDequeue(out IConnection? connection))
                return connection;
            _news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await _news.Task;
        }
    }

    public void Add(IConnection connection)
    {
        if (_isClosed)
            connection.Close();
        else
            _established.Enqueue(connection);
        _news?.TrySetResult();
    }

    public void Dispose()
    {
        if (_isClosed)
            return;
        _isClosed = true;
        host.StopListening(endpoint.Port);
        while (_established.TryDequeue(out IConnection? connection))
            connection.Close();
        _news?.TrySetResult();
    }
}
