using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace DnsClient;

/// <summary>Questions that take more than one query.</summary>
public static class DnsQueryExtensions
{
    /// <summary>Finds the addresses of a name, or the name of an address and then that name's addresses.</summary>
    /// <param name="query">Who is asked.</param>
    /// <param name="hostNameOrAddress">The name, or an IP address as text.</param>
    /// <returns>
    /// For a name always an entry, with no addresses in it if there is no such name. For an address null if it has
    /// no name.
    /// </returns>
    /// <exception cref="ArgumentNullException">There is nothing to ask, or nobody.</exception>
    /// <exception cref="DnsResponseException">There was no answer.</exception>
    public static Task<IPHostEntry?> GetHostEntryAsync(this IDnsQuery query, string hostNameOrAddress)
    {
        ArgumentNullException.ThrowIfNull(query);

        if (string.IsNullOrWhiteSpace(hostNameOrAddress))
            ThrowNothingToAsk(nameof(hostNameOrAddress));

        return query.LookUpAsync(hostNameOrAddress);
    }

    [DoesNotReturn]
    private static void ThrowNothingToAsk(string parameter) => throw new ArgumentNullException(parameter);
}
