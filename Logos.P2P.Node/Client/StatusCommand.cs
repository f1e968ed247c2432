using System.CommandLine;
using Spectre.Console;
using Spectre.Console.Rendering;
using Command = System.CommandLine.Command;

namespace Logos.P2P.Node.Client;

/// <summary><c>logosp2p status</c>: a running node on a dozen lines.</summary>
internal static class StatusCommand
{
    /// <summary>Makes it.</summary>
    public static Command Create()
    {
        Option<bool> json = ClientCommand.JsonOption();
        return ClientCommand.Create(
            "status",
            "Print what a running node is and does.",
            async (client, result) =>
            {
                NodeStatus status = await NodeStatus.AskAsync(client).ConfigureAwait(false);
                if (result.GetValue(json))
                    ClientCommand.Print(status.Answers);
                else
                    ClientCommand.Print(Describe(status));
            },
            json);
    }

    private static Grid Describe(NodeStatus status)
    {
        Grid grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
        foreach ((string name, string value) in Lines(status))
            grid.AddRow(new IRenderable[] { ClientCommand.Cell(name), ClientCommand.Cell(value) });
        return grid;
    }

    private static IEnumerable<(string Name, string Value)> Lines(NodeStatus status)
    {
        yield return ("software", status.Software);
        yield return ("network", status.IsActive ? status.Network : $"{status.Network}, switched off (setnetworkactive)");
        yield return ("up for", Quantities.Time(status.Uptime));
        yield return ("connections", FormattableString.Invariant($"{status.Inbound} in, {status.Outbound} out"));
        yield return ("addresses", FormattableString.Invariant($"{status.NewAddresses} new, {status.TriedAddresses} tried"));
        yield return ("relay", status.RelayMode);
        yield return (
            "messages",
            $"{Quantities.Count(status.Received)} received, {Quantities.Count(status.Propagated)} propagated, "
            + $"{Quantities.Count(status.Rejected)} rejected, {Quantities.Count(status.Duplicates)} duplicates");
        yield return ("traffic", $"{Quantities.Bytes(status.BytesReceived)} received, {Quantities.Bytes(status.BytesSent)} sent");
        yield return ("memory", Quantities.Bytes(status.Memory));
    }
}
