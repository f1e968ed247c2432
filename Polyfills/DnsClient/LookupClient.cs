using System.Net;
using System.Net.Sockets;

namespace DnsClient;

/// <summary>Asks the system's resolver, where the package asks the system's name servers itself.</summary>
public sealed class LookupClient : ILookupClient
{
    private readonly Func<string, Task<IPHostEntry>> _resolve;

    /// <summary>Makes a client for the system's resolver.</summary>
    public LookupClient()
        : this(static hostNameOrAddress => Dns.GetHostEntryAsync(hostNameOrAddress))
    {
    }

    internal LookupClient(Func<string, Task<IPHostEntry>> resolve) => _resolve = resolve;

    async Task<IPHostEntry?> IDnsQuery.LookUpAsync(string hostNameOrAddress)
    {
        bool isAddress = IPAddress.TryParse(hostNameOrAddress, out _);

        try
        {
            IPHostEntry found = await _resolve(hostNameOrAddress).ConfigureAwait(false);
            return isAddress ? found : Entry(hostNameOrAddress, found.AddressList, found.Aliases);
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData)
        {
            // As in the package: only the look-up of an address answers with null.
            return isAddress ? null : Entry(hostNameOrAddress, [], []);
        }
        catch (SocketException error)
        {
            throw new DnsResponseException($"No answer about {hostNameOrAddress}: {error.Message}", error);
        }
    }

    /// <summary>An entry under the name that was asked for, which the package keeps and the system would replace.</summary>
    private static IPHostEntry Entry(string name, IPAddress[] addresses, string[] aliases) => new()
    {
        HostName = name.TrimEnd('.'),
        AddressList = addresses,
        Aliases = aliases,
    };
}
