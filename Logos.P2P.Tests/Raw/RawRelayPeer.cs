using NUnit.Framework;

namespace Logos.P2P.Tests.Raw;

/// <summary>A <see cref="RawClient"/> that speaks `logos.relay`.</summary>
internal sealed class RawRelayPeer : IAsyncDisposable
{
    private readonly RawClient _client;
    private readonly byte[] _nodesKey;

    private RawRelayPeer(RawClient client, byte[] nodesKey)
    {
        _client = client;
        _nodesKey = nodesKey;
    }

    public RawClient Client => _client;

    public static async Task<RawRelayPeer> ConnectAsync(int port)
    {
        RawClient client = await RawClient.ConnectAsync(port);
        await client.SendAsync("version", RawBytes.Version());
        await client.SendAsync("feature", RawShortIds.Feature(RawShortIds.Key));
        RawMessage feature = await client.ReadUntilAsync("feature", message => RawShortIds.KeyIn(message.Payload) is not null);
        await client.ReadUntilAsync("verack");
        await client.SendAsync("verack");
        await client.PingAsync();
        return new RawRelayPeer(client, RawShortIds.KeyIn(feature.Payload)!);
    }

    /// <summary>What a message is called in what the node is told.</summary>
    public byte[] NameToNode(byte[] message) => RawShortIds.Of(message, _nodesKey);

    /// <summary>What a message is called in what the node tells.</summary>
    public static byte[] NameToPeer(byte[] message) => RawShortIds.Of(message, RawShortIds.Key);

    public Task SendAsync(string command, params byte[] payload) => _client.SendAsync(command, payload);

    /// <summary>The next message with a command that is about a message of the upper layer, by the name given.</summary>
    public async Task<byte[]> ReadAsync(string command, byte[] name)
    {
        RawMessage message = await _client.ReadUntilAsync(command);
        Assert.That(message.Payload[..6], Is.EqualTo(name), $"the name in {command}");
        return message.Payload[6..];
    }

    /// <summary>What the node has sent by now, without what all peers are sent.</summary>
    public async Task<string[]> HeardAsync() =>
        [.. (await _client.PingAsync()).Select(message => message.Command).Except(["ping", "addr", "addrv2", "getaddr"])];

    public ValueTask DisposeAsync() => _client.DisposeAsync();
}
