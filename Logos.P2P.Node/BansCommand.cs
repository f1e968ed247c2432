using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Logos.P2P.Node.Client;
using Logos.P2P.Node.Configuration;
using Logos.P2P.Storage;
using Logos.P2P.Wire;
using Command = System.CommandLine.Command;

namespace Logos.P2P.Node;

/// <summary><c>logosp2p bans</c>: the bans of a running node, or with <c>--offline</c> those in the database of one that does not run.</summary>
internal static class BansCommand
{
    public static Command Create()
    {
        Option<bool> json = ClientCommand.JsonOption();
        Command bans = Create(
            "bans",
            "Print the bans of a node, one a line: whom, and until when; or change them. With --offline, those of one that does not run "
            + "are changed; to print them it may be running.",
            async (client, result) => PrintList(await client.CallAsync("listbanned").ConfigureAwait(false), result.GetValue(json)),
            (directory, network, result) =>
            {
                IReadOnlyList<Ban> list = BanListFiles.Read(directory, network, out int unreadable);
                PrintList(BansJson.ToNode(list, DateTimeOffset.UtcNow), result.GetValue(json));
                if (unreadable > 0)
                    Console.Error.WriteLine($"{unreadable} more are damaged.");
            },
            json);
        bans.Aliases.Add("ban");
        bans.Subcommands.Add(CreateAdd());
        bans.Subcommands.Add(CreateRemove());
        bans.Subcommands.Add(CreateClear());
        return bans;
    }

    private static Command CreateAdd()
    {
        Argument<Subnet> hosts = HostsArgument();
        Option<long?> seconds = Seconds("--for", "Ban for this many seconds. Default: a day.", least: 1);
        Option<long?> until = Seconds(
            "--until", "Ban until this time, in seconds since 1970.", least: DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1);
        Command add = Create(
            "add",
            "Ban a host or subnet.",
            (client, result) => client.CallAsync(
                "setban", result.GetValue(hosts).ToString(), "add", result.GetValue(until) ?? result.GetValue(seconds) ?? 0,
                result.GetValue(until) is not null),
            (directory, network, result) => Add(directory, network, result.GetValue(hosts), result.GetValue(seconds), result.GetValue(until)),
            hosts, seconds, until);
        add.Validators.Add(result =>
        {
            if (result.GetResult(seconds) is not null && result.GetResult(until) is not null)
                result.AddError("--for and --until exclude each other.");
        });
        return add;
    }

    private static Command CreateRemove()
    {
        Argument<Subnet> hosts = HostsArgument();
        return Create(
            "remove",
            "Lift a ban.",
            (client, result) => client.CallAsync("setban", result.GetValue(hosts).ToString(), "remove"),
            (directory, network, result) =>
            {
                Subnet whom = result.GetValue(hosts);
                if (!BanListFiles.Remove(directory, network, whom))
                    throw new ClientException($"There is no ban of exactly {whom}. 'logosp2p bans' shows what there is.");
            },
            hosts);
    }

    private static Command CreateClear() => Create(
        "clear",
        "Lift all bans.",
        (client, _) => client.CallAsync("clearbanned"),
        (directory, network, _) =>
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{BanListFiles.Clear(directory, network)} bans lifted.")));

    private static Command Create(
        string name,
        string description,
        Func<RpcClient, ParseResult, Task> ask,
        Action<string, P2PNetwork, ParseResult> change,
        params IEnumerable<Symbol> symbols)
    {
        var offline = new Option<bool>("--offline") { Description = "Work on the database in -datadir, whose node does not run." };
        var command = new Command(name, description);
        foreach (Symbol symbol in symbols)
        {
            if (symbol is Argument argument)
                command.Arguments.Add(argument);
            else if (symbol is Option option)
                command.Options.Add(option);
        }

        command.Options.Add(offline);
        var options = new OptionSyntax(OptionTable.ForClients);
        options.AddTo(command);
        command.SetAction((result, _) => ClientCommand.RunAsync(async () =>
        {
            OptionSources sources = options.ReadAll(result);
            if (result.GetValue(offline))
            {
                change(NodeOptions.DataDirectoryOf(sources.Values), sources.Network, result);
                return;
            }

            using RpcClient client = RpcClient.Connect(sources);
            await ask(client, result).ConfigureAwait(false);
        }));
        return command;
    }

    private static void Add(string directory, P2PNetwork network, Subnet whom, long? seconds, long? until)
    {
        BanResult added = until is { } end
            ? BanListFiles.Add(directory, network, whom, DateTimeOffset.FromUnixTimeSeconds(end))
            : BanListFiles.Add(
                directory, network, whom, TimeSpan.FromSeconds(seconds ?? (long)NodeDefaults.BanTime.TotalSeconds));
        if (added == BanResult.AlreadyBanned)
            throw new ClientException($"{whom} is banned already.");
        if (added == BanResult.ListFull)
            throw new ClientException($"There are {NodeDefaults.MaxBans} bans, and no more are kept. Remove some, or ban subnets.");
    }

    private static void PrintList(JsonNode? bans, bool asJson)
    {
        if (asJson)
        {
            ClientCommand.Print(bans);
            return;
        }

        foreach (JsonNode? ban in bans!.AsArray())
        {
            var until = DateTimeOffset.FromUnixTimeSeconds(ban!["banned_until"]!.GetValue<long>());
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{ban["address"]} {until:yyyy-MM-ddTHH:mm:ssZ}"));
        }
    }

    private static Argument<Subnet> HostsArgument() => new("subnet")
    {
        Description = "An address, or an address/bits.",
        CustomParser = argument =>
        {
            string text = argument.Tokens[0].Value;
            if (Subnet.TryParse(text, out Subnet hosts))
                return hosts;
            argument.AddError($"'{text}' is not an address or subnet; write 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32.");
            return default;
        },
    };

    private static Option<long?> Seconds(string name, string description, long least)
    {
        // More would be beyond all times.
        long most = DateTimeOffset.MaxValue.ToUnixTimeSeconds();
        return new Option<long?>(name)
        {
            Description = description,
            HelpName = "seconds",
            CustomParser = argument => WholeNumber.Parse(argument, name, least, most),
        };
    }
}
