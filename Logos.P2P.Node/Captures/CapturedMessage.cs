using System.Globalization;
using System.Text.Json.Nodes;
using Logos.P2P.Wire;

namespace Logos.P2P.Node.Captures;

/// <summary>A message of a file that <c>-capturemessages</c> wrote.</summary>
/// <param name="Peer">Who sent it or got it, as the file's directory is named, which may be anything.</param>
/// <param name="IsReceived">Which.</param>
/// <param name="Header">When, what and how long.</param>
/// <param name="Id">The name under which other peers know it, if it is one of the upper layer.</param>
internal readonly record struct CapturedMessage(string Peer, bool IsReceived, CaptureHeader Header, MessageId? Id)
{
    /// <summary>Midnight before the last day there is: a file may say any time.</summary>
    private static readonly ulong LastMicrosecond = (ulong)(DateTime.MaxValue.Date - DateTime.UnixEpoch).TotalMicroseconds;

    /// <summary>It as a line to read.</summary>
    public string ToLine()
    {
        DateTime time = DateTime.UnixEpoch.AddMicroseconds(Math.Min(Header.Microseconds, LastMicrosecond));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{time:yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'}  {LineText.Escape(Peer),-21}  {Direction}  {Header.Command,-12}  {Header.PayloadLength,7}  {Id}").TrimEnd();
    }

    /// <summary>It as a line of JSON, with the names of the parser that Bitcoin Core has for such files.</summary>
    public string ToJson() => new JsonObject
    {
        ["time"] = Header.Microseconds,
        ["peer"] = Peer,
        ["direction"] = Direction,
        ["msgtype"] = Header.Command,
        ["size"] = Header.PayloadLength,
        ["id"] = Id?.ToString(),
    }.ToJsonString();

    private string Direction => IsReceived ? "recv" : "sent";
}
