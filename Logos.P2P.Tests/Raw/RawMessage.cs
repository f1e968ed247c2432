namespace Logos.P2P.Tests.Raw;

/// <summary>A frame as it came off the socket.</summary>
/// <param name="Command">The command, without its padding.</param>
/// <param name="Payload">The payload.</param>
/// <param name="Frame">All of its bytes, the header included.</param>
internal sealed record RawMessage(string Command, byte[] Payload, byte[] Frame);
