using System.Net;
using DnsClient;
using Logos.P2P.Diagnostics;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Discovery;

/// <summary>Looks up host names in the domain name system.</summary>
internal sealed class DnsNameResolver(ILogger logger) : INameResolver
{
    private readonly LookupClient _dns = new();

    public async Task<IReadOnlyList<NetAddress>> ResolveAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            IPHostEntry? entry = await _dns.GetHostEntryAsync(name).WaitAsync(cancellationToken);
            if (entry is { AddressList.Length: > 0 })
                return [.. entry.AddressList.Select(NetAddress.From)];
            Log.NameNotFound(logger, name, "the name does not exist");
        }
#pragma warning disable CA1031 // Resolvers fail in many ways, and none of them may end the node.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            Log.NameNotFound(logger, name, e.Message);
        }

        return [];
    }
}
