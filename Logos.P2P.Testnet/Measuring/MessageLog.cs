using System.Text.Json;

namespace Logos.P2P.Testnet.Measuring;

/// <summary>A message that was sent.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Node">Who sent it.</param>
/// <param name="Bytes">How long it is.</param>
/// <param name="TimeMicros">When, in microseconds since 1970.</param>
internal sealed record SentMessage(string Id, int Node, int Bytes, long TimeMicros)
{
    public DateTimeOffset Time => DateTimeOffset.UnixEpoch.AddMicroseconds(TimeMicros);
}

/// <summary>The messages that were sent, in a file that each command adds to: the node that sent one may be dead when it is asked for.</summary>
/// <param name="file">The file; a line each.</param>
internal sealed class MessageLog(string file)
{
    public Task AddAsync(SentMessage message) =>
        File.AppendAllTextAsync(file, JsonSerializer.Serialize(message, JsonSerializerOptions.Web) + "\n");

    public async Task<IReadOnlyList<SentMessage>> ReadAsync() => !File.Exists(file)
        ? []
        : [.. (await File.ReadAllLinesAsync(file).ConfigureAwait(false))
            .Select(line => JsonSerializer.Deserialize<SentMessage>(line, JsonSerializerOptions.Web)!)];
}
