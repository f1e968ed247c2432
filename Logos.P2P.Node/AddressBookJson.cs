using System.Text.Json;
using System.Text.Json.Serialization;
using Logos.P2P.AddrMan;
using Logos.P2P.Wire;

namespace Logos.P2P.Node;

/// <summary>An address book as JSON: everything but its key, which is nobody's business.</summary>
internal sealed partial class AddressBookJson
{
    /// <summary>Makes the text.</summary>
    public static string Write(PeersImage image, P2PNetwork network) => JsonSerializer.Serialize(
        new Book(network.ToString().ToLowerInvariant(), image.Grouping, [.. image.Entries.Select(Describe)]),
        Context.Default.Book);

    private static Address Describe(AddressEntry entry) => new(
        entry.Endpoint.ToString(),
        entry.Endpoint.Address.Network.ToString().ToLowerInvariant(),
        // In digits: numbers above 2^53 do not survive every reader of JSON.
        $"{(ulong)entry.Address.Services:x16}",
        entry.Address.Time,
        entry.Source.ToString(),
        entry.LastTry,
        entry.LastSuccess,
        entry.Attempts,
        entry.InTried ? "tried" : "new",
        entry.NewBuckets.Values.ToArray());

    internal sealed record Book(string Network, string Grouping, Address[] Addresses);

    internal sealed record Address(
        [property: JsonPropertyName("address")] string Endpoint,
        string Network,
        string Services,
        uint Time,
        string Source,
        long LastTry,
        long LastSuccess,
        int Attempts,
        string Table,
        ushort[] NewBuckets);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
    [JsonSerializable(typeof(Book))]
    private sealed partial class Context : JsonSerializerContext;
}
