namespace Logos.P2P.Node.Client;

/// <summary>A node could not be asked, or said no. The message is for whoever asked.</summary>
/// <param name="message">That.</param>
internal sealed class ClientException(string message) : Exception(message);
