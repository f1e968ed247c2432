using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Logos.P2P.Node;

/// <summary>Bans as JSON, under the names of Bitcoin Core's listbanned.</summary>
internal static partial class BansJson
{
    /// <summary>Makes it.</summary>
    public static JsonNode? ToNode(IReadOnlyList<Ban> bans, DateTimeOffset now) =>
        JsonSerializer.SerializeToNode(ToEntries(bans, now), BansContext.Default.EntryArray);

    private static Entry[] ToEntries(IReadOnlyList<Ban> bans, DateTimeOffset now) =>
    [
        .. from ban in bans
           select new Entry(
               ban.Hosts.ToString(),
               ban.CreatedAt.ToUnixTimeSeconds(),
               ban.Until.ToUnixTimeSeconds(),
               (long)ban.Duration.TotalSeconds,
               (long)ban.RemainingAt(now).TotalSeconds),
    ];

    internal sealed record Entry(string Address, long BanCreated, long BannedUntil, long BanDuration, long TimeRemaining);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
    [JsonSerializable(typeof(Entry[]))]
    private sealed partial class BansContext : JsonSerializerContext;
}
