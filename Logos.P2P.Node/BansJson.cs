using System.Text.Json;
using System.Text.Json.Serialization;

namespace Logos.P2P.Node;

/// <summary>Bans as JSON, under the names of Bitcoin Core's listbanned.</summary>
internal static partial class BansJson
{
    /// <summary>Makes the text.</summary>
    public static string Write(IReadOnlyList<Ban> bans, DateTimeOffset now) => JsonSerializer.Serialize(
        [
            .. from ban in bans
               select new Entry(
                   ban.Hosts.ToString(),
                   ban.CreatedAt.ToUnixTimeSeconds(),
                   ban.Until.ToUnixTimeSeconds(),
                   (long)ban.Duration.TotalSeconds,
                   (long)ban.RemainingAt(now).TotalSeconds),
        ],
        BansContext.Default.EntryArray);

    internal sealed record Entry(string Address, long BanCreated, long BannedUntil, long BanDuration, long TimeRemaining);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
    [JsonSerializable(typeof(Entry[]))]
    private sealed partial class BansContext : JsonSerializerContext;
}
