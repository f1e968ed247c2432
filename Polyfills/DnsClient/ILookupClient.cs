using System.Diagnostics.CodeAnalysis;

namespace DnsClient;

/// <summary>What a <see cref="LookupClient"/> is to those that are given one.</summary>
[SuppressMessage("Design", "CA1040", Justification = "The package's interface; none of its own members is used.")]
public interface ILookupClient : IDnsQuery;
