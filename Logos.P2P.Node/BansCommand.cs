using System.CommandLine;
using System.Globalization;
using Logos.P2P.Storage;
using Logos.P2P.Wire;
using Command = System.CommandLine.Command;

namespace Logos.P2P.Node;

/// <summary><c>logosp2p bans</c>: the bans of a node that does not run.</summary>
internal static class BansCommand
{
    public static Command Create() => new("bans", "List and change the bans of a node that does not run.")
    {
        CreateList(), CreateAdd(), CreateRemove(), CreateClear(),
    };

    private static Command CreateList()
    {
        Argument<string> directory = FileCommand.DirectoryArgument();
        var json = new Option<bool>("--json") { Description = "Print the bans with all their times, as JSON." };
        var options = new NodeOptions();
        var list = new Command("list", "Print the bans, one a line: whom, and until when. The node may be running.")
        {
            directory, json,
        };
        options.AddNetworkTo(list, placesAddresses: false);
        list.SetAction(result => FileCommand.Run(() =>
        {
            IReadOnlyList<Ban> bans = BanListFiles.Read(
                result.GetValue(directory)!, options.ReadNetwork(result) ?? P2PNetwork.Main, out int unreadable);
            if (result.GetValue(json))
                Console.Out.WriteLine(BansJson.Write(bans, DateTimeOffset.UtcNow));
            else
                WriteLines(bans);
            if (unreadable > 0)
                Console.Error.WriteLine($"{unreadable} more are damaged.");
            return ExitCodes.Clean;
        }));
        return list;
    }

    private static Command CreateAdd()
    {
        Argument<string> directory = FileCommand.DirectoryArgument();
        Argument<Subnet> hosts = HostsArgument();
        Option<long?> seconds = Seconds("--for", "Ban for this many seconds. Default: a day.", least: 1);
        Option<long?> until = Seconds(
            "--until", "Ban until this time, in seconds since 1970.", least: DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1);
        var options = new NodeOptions();
        var add = new Command("add", "Ban a host or subnet.") { directory, hosts, seconds, until };
        options.AddNetworkTo(add, placesAddresses: false);
        add.Validators.Add(result =>
        {
            if (result.GetResult(seconds) is not null && result.GetResult(until) is not null)
                result.AddError("--for and --until exclude each other.");
        });
        add.SetAction(result => FileCommand.Run(() =>
        {
            string data = result.GetValue(directory)!;
            P2PNetwork network = options.ReadNetwork(result) ?? P2PNetwork.Main;
            Subnet whom = result.GetValue(hosts);
            BanResult added = result.GetValue(until) is { } end
                ? BanListFiles.Add(data, network, whom, DateTimeOffset.FromUnixTimeSeconds(end))
                : BanListFiles.Add(
                    data, network, whom, TimeSpan.FromSeconds(result.GetValue(seconds) ?? (long)NodeDefaults.BanTime.TotalSeconds));
            return added switch
            {
                BanResult.Added => ExitCodes.Clean,
                BanResult.AlreadyBanned => Fail($"{whom} is banned already."),
                _ => Fail($"There are {NodeDefaults.MaxBans} bans, and no more are kept. Remove some, or ban subnets."),
            };
        }));
        return add;
    }

    private static Command CreateRemove()
    {
        Argument<string> directory = FileCommand.DirectoryArgument();
        Argument<Subnet> hosts = HostsArgument();
        var options = new NodeOptions();
        var remove = new Command("remove", "Lift a ban.") { directory, hosts };
        options.AddNetworkTo(remove, placesAddresses: false);
        remove.SetAction(result => FileCommand.Run(() =>
        {
            Subnet whom = result.GetValue(hosts);
            P2PNetwork network = options.ReadNetwork(result) ?? P2PNetwork.Main;
            return BanListFiles.Remove(result.GetValue(directory)!, network, whom)
                ? ExitCodes.Clean
                : Fail($"There is no ban of exactly {whom}. 'logosp2p bans list' shows what there is.");
        }));
        return remove;
    }

    private static Command CreateClear()
    {
        Argument<string> directory = FileCommand.DirectoryArgument();
        var options = new NodeOptions();
        var clear = new Command("clear", "Lift all bans.") { directory };
        options.AddNetworkTo(clear, placesAddresses: false);
        clear.SetAction(result => FileCommand.Run(() =>
        {
            int count = BanListFiles.Clear(result.GetValue(directory)!, options.ReadNetwork(result) ?? P2PNetwork.Main);
            Console.Out.WriteLine($"{count} bans lifted.");
            return ExitCodes.Clean;
        }));
        return clear;
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

    private static void WriteLines(IReadOnlyList<Ban> bans)
    {
        foreach (Ban ban in bans)
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{ban.Hosts} {ban.Until:yyyy-MM-ddTHH:mm:ssZ}"));
    }

    private static int Fail(string message)
    {
        Console.Error.WriteLine(message);
        return ExitCodes.Failed;
    }
}
