using System.IO.Pipelines;
using Logos.P2P.Wire;

namespace Logos.P2P.Transport.Capture;

/// <summary>
/// A connection that writes down what goes over it: what was received before anybody handles it, and what was sent in the order in
/// which the connection took it.
/// </summary>
internal sealed class CapturingConnection : IConnection
{
    private static readonly StreamPipeReaderOptions ReaderOptions =
        new(bufferSize: NodeDefaults.ReceiveBufferSize, useZeroByteReads: false);

    private readonly IConnection _connection;
    private readonly MessageCapture _sent;

    public CapturingConnection(IConnection connection, CaptureDirectory directory)
    {
        _connection = connection;
        _sent = directory.Sent(connection.RemoteEndpoint);
        Source = new CapturingStream(
            connection.Source ?? connection.Input.AsStream(), directory.Received(connection.RemoteEndpoint));
        Input = PipeReader.Create(Source, ReaderOptions);
    }

    public NetEndpoint RemoteEndpoint => _connection.RemoteEndpoint;

    public NetEndpoint LocalEndpoint => _connection.LocalEndpoint;

    public PipeReader Input { get; }

    public Stream Source { get; }

    public long BytesSent => _connection.BytesSent;

    public int TrySend(ReadOnlySpan<byte> bytes)
    {
        int sent = _connection.TrySend(bytes);
        _sent.Add(bytes[..sent]);
        return sent;
    }

    public async ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        int sent = await _connection.SendAsync(bytes);
        _sent.Add(bytes.Span[..sent]);
        return sent;
    }

    public void Close() => _connection.Close();
}
