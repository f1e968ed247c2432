namespace DnsClient;

/// <summary>A question about a name got no answer, not even that there is no such name.</summary>
public sealed class DnsResponseException : Exception
{
    internal DnsResponseException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
