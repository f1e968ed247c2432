using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Command = System.CommandLine.Command;

namespace Logos.P2P.Node.Client;

/// <summary><c>logosp2p peers</c>: whom a running node is connected to, and is to be.</summary>
internal static class PeersCommand
{
    /// <summary>Makes it.</summary>
    public static Command Create()
    {
        Option<bool> json = ClientCommand.JsonOption();
        Command peers = ClientCommand.Create(
            "peers",
            "Print the connections of a running node; or change whom it is connected to.",
            async (client, result) =>
            {
                JsonNode all = (await client.CallAsync("getpeerinfo").ConfigureAwait(false))!;
                if (result.GetValue(json))
                    ClientCommand.Print(all);
                else
                    ClientCommand.Print(PeerTable.Create(all.AsArray(), DateTimeOffset.UtcNow));
            },
            json);
        peers.Subcommands.Add(CreateChange("add", "Stay connected to a peer from now on.", "add"));
        peers.Subcommands.Add(CreateChange("remove", "Do not dial a peer any more that was added. A connection to it goes on.", "remove"));
        peers.Subcommands.Add(CreateChange("try", "Dial a peer once.", "onetry"));
        peers.Subcommands.Add(CreateDisconnect());
        return peers;
    }

    private static Command CreateChange(string name, string description, string command)
    {
        var peer = new Argument<string>("peer") { Description = "host, host:port or [v6]:port." };
        return ClientCommand.Create(
            name, description, (client, result) => client.CallAsync("addnode", result.GetValue(peer)!, command), peer);
    }

    private static Command CreateDisconnect()
    {
        var peer = new Argument<string>("peer") { Description = "Its id, or host:port, as 'logosp2p peers' shows them." };
        return ClientCommand.Create(
            "disconnect",
            "End the connection to a peer.",
            (client, result) =>
            {
                string who = result.GetValue(peer)!;
                return long.TryParse(who, NumberStyles.None, CultureInfo.InvariantCulture, out long id)
                    ? client.CallAsync("disconnectnode", "", id)
                    : client.CallAsync("disconnectnode", who);
            },
            peer);
    }
}
