using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Logos.P2P.Node.Control;

/// <summary>
/// Accepts no more connections than may be open at once; the others wait with the system. The web server's own limit closes
/// those above it only after it has accepted them, and a flood has many in between, each with a descriptor of the peers'.
/// </summary>
internal sealed class BoundedListenerFactory(IConnectionListenerFactory inner, int most) : IConnectionListenerFactory
{
    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new BoundedListener(await inner.BindAsync(endpoint, cancellationToken).ConfigureAwait(false), most);

    private sealed class BoundedListener(IConnectionListener inner, int most) : IConnectionListener
    {
        private readonly SemaphoreSlim _free = new(most);
        private readonly CancellationTokenSource _unbound = new();

        public EndPoint EndPoint => inner.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            try
            {
                await _free.WaitAsync(_unbound.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return null;
            }

            ConnectionContext? connection = await inner.AcceptAsync(cancellationToken).ConfigureAwait(false);
            connection?.ConnectionClosed.Register(() => _free.Release());
            return connection;
        }

        public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            await _unbound.CancelAsync().ConfigureAwait(false);
            await inner.UnbindAsync(cancellationToken).ConfigureAwait(false);
        }

        public async ValueTask DisposeAsync()
        {
            await inner.DisposeAsync().ConfigureAwait(false);
            _unbound.Dispose();
        }
    }
}
