namespace Logos.P2P.Node.Configuration;

/// <summary>An option has a value that cannot be. The message says where it stands, what is wrong and what would do.</summary>
/// <param name="message">That.</param>
internal sealed class OptionException(string message) : Exception(message);
