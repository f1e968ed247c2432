using System.Net;

namespace DnsClient;

/// <summary>Something that answers questions about names.</summary>
/// <remarks>For use, not for implementing: the package's interface asks for a great deal more.</remarks>
public interface IDnsQuery
{
    /// <summary>Does what <see cref="DnsQueryExtensions.GetHostEntryAsync"/> promises.</summary>
    internal Task<IPHostEntry?> LookUpAsync(string hostNameOrAddress);
}
