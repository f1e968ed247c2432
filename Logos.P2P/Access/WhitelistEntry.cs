using System.Diagnostics.CodeAnalysis;
using Logos.P2P.Wire;

namespace Logos.P2P.Access;

/// <summary>An entry of <c>-whitelist</c>: who gets which permissions.</summary>
/// <param name="Hosts">Who.</param>
/// <param name="Permissions">Which.</param>
/// <param name="Inbound">Whether those who dial us get them.</param>
/// <param name="Outbound">Whether those whom the operator has us dial get them.</param>
internal sealed record WhitelistEntry(Subnet Hosts, PeerPermissions Permissions, bool Inbound, bool Outbound)
{
    /// <summary>What an entry without permissions stands for. Bitcoin Core's, as far as there is such a thing here.</summary>
    private const PeerPermissions Implicit = PeerPermissions.NoBan | PeerPermissions.Relay;

    private const string InboundWord = "in";
    private const string OutboundWord = "out";

    private static readonly Dictionary<string, PeerPermissions> Words = new()
    {
        ["noban"] = PeerPermissions.NoBan,
        ["relay"] = PeerPermissions.Relay,
        ["download"] = PeerPermissions.Download,
        ["addr"] = PeerPermissions.Addr,
    };

    /// <summary>Reads `[permissions@]subnet`, the permissions separated by commas.</summary>
    /// <param name="text">The text.</param>
    /// <param name="entry">The entry; null when there is an error.</param>
    /// <param name="error">What is wrong with it and what would do; null when nothing is.</param>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out WhitelistEntry? entry, [NotNullWhen(false)] out string? error)
    {
        entry = null;
        int at = text.IndexOf('@', StringComparison.Ordinal);
        string hostsText = text[(at + 1)..];
        if (!Subnet.TryParse(hostsText, out Subnet hosts))
        {
            error = $"'{hostsText}' is not an address or subnet; write 192.0.2.7, 192.0.2.0/24 or noban,relay@2001:db8::/32";
            return false;
        }

        PeerPermissions permissions = at < 0 ? Implicit : PeerPermissions.None;
        bool inbound = false, outbound = false, hasDirectionOnly = false;
        string[] words = at < 0 ? [] : text[..at].Split(',', StringSplitOptions.RemoveEmptyEntries);
        foreach (string word in words)
        {
            if (Words.TryGetValue(word, out PeerPermissions permission))
            {
                permissions |= permission;
            }
            else if (word is InboundWord or OutboundWord)
            {
                inbound |= word == InboundWord;
                outbound |= word == OutboundWord;
                hasDirectionOnly = true;
            }
            else
            {
                error = $"'{word}' is not a permission; there are {string.Join(", ", Words.Keys)}, and the directions "
                    + $"{InboundWord} and {OutboundWord}";
                return false;
            }
        }

        if (hasDirectionOnly && permissions == PeerPermissions.None)
        {
            error = $"'{text}' says a direction but no permission; there are {string.Join(", ", Words.Keys)}";
            return false;
        }

        error = null;
        entry = new WhitelistEntry(hosts, permissions, inbound || !outbound, outbound);
        return true;
    }
}
