namespace Logos.P2P.Testnet.Processes;

/// <summary>A node does not answer, or not with what was asked for; the message says why.</summary>
internal sealed class NodeSilentException(string message) : Exception(message);
