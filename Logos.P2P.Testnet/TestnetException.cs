namespace Logos.P2P.Testnet;

/// <summary>Something cannot be done with a network of processes; the message says what and why.</summary>
internal sealed class TestnetException(string message) : Exception(message);
