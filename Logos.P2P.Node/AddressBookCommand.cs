using System.CommandLine;
using Logos.P2P.AddrMan;
using Logos.P2P.Node.Configuration;
using Logos.P2P.Node.Logs;
using Logos.P2P.Storage;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging;
using Command = System.CommandLine.Command;

namespace Logos.P2P.Node;

/// <summary><c>logosp2p addressbook</c>: looks at address books on disk, and carries addresses between them.</summary>
internal static class AddressBookCommand
{
    public static Command Create() => new("addressbook", "Look at address books on disk, and carry addresses between them.")
    {
        CreateShow(), CreateCheck(), CreateExport(), CreateImport(), CreateSample(),
    };

    private static Argument<string> BookArgument() =>
        FileCommand.PathArgument("A peers.dat, or a data directory (that of -testnet or -regtest if told so).");

    private static Command CreateShow()
    {
        Argument<string> path = BookArgument();
        var json = new Option<bool>("--json") { Description = "Print all that is known of each address, as JSON." };
        var options = new OptionSyntax([OptionTable.Testnet, OptionTable.Regtest]);
        var show = new Command("show", "Print the addresses of a peers.dat or a data directory, one a line.") { path, json };
        options.AddTo(show);
        show.SetAction(result => FileCommand.Run(() =>
        {
            PeersImage image = Read(result.GetValue(path)!, NetworkIn(options, result), out P2PNetwork network, out int unreadable);
            if (result.GetValue(json))
                Console.Out.WriteLine(AddressBookJson.Write(image, network));
            else
                WriteLines(image);
            if (unreadable > 0)
                Console.Error.WriteLine($"{unreadable} more are damaged.");
            return ExitCodes.Clean;
        }));
        return show;
    }

    private static Command CreateCheck()
    {
        Argument<string> path = BookArgument();
        var options = new OptionSyntax([OptionTable.Testnet, OptionTable.Regtest]);
        var check = new Command("check", "Say whether a peers.dat or a data directory is sound, and what is wrong if not.") { path };
        options.AddTo(check);
        check.SetAction(result => FileCommand.Run(() => Check(result.GetValue(path)!, NetworkIn(options, result))));
        return check;
    }

    private static Command CreateExport()
    {
        Argument<string> directory = FileCommand.DirectoryArgument();
        Argument<string> file = FileCommand.FileArgument("The peers.dat to write.");
        var options = new OptionSyntax([OptionTable.Testnet, OptionTable.Regtest]);
        var export = new Command("export", "Write the addresses of a data directory to a peers.dat. The node may be running.")
        {
            directory, file,
        };
        options.AddTo(export);
        export.SetAction(result => FileCommand.Run(() =>
        {
            P2PNetwork network = NetworkIn(options, result) ?? P2PNetwork.Main;
            PeersImage image = AddressBookFiles.ReadDatabase(result.GetValue(directory)!, network, out int unreadable);
            AddressBookFiles.WritePeersFile(result.GetValue(file)!, image, network);
            Console.Out.WriteLine($"Wrote {image.Entries.Count} addresses of {network} to '{result.GetValue(file)}'.");
            if (unreadable > 0)
                Console.Error.WriteLine($"{unreadable} more are damaged and were left out.");
            return ExitCodes.Clean;
        }));
        return export;
    }

    private static Command CreateImport()
    {
        Argument<string> file = FileCommand.FileArgument("The peers.dat to read.");
        Argument<string> directory = FileCommand.DirectoryArgument();
        var options = new OptionSyntax([OptionTable.Testnet, OptionTable.Regtest, OptionTable.PrivateNet, OptionTable.Asmap]);
        var import = new Command(
            "import",
            "Add the addresses of a peers.dat to those of a data directory whose node does not run. Of an address that both "
            + "have, the newer facts win.")
        {
            file, directory,
        };
        options.AddTo(import);
        import.SetAction(result => FileCommand.Run(() =>
        {
            using ILoggerFactory loggers = ProgramLog.CreateFactory(LogSettings.Default);
            var values = new OptionValues(options.Read(result));
            P2POptions node = NodeOptions.Read(values, NodeOptions.NetworkOf(values)) with { DataDirectory = result.GetValue(directory)! };
            MergeResult merged = AddressBookFiles.Import(result.GetValue(file)!, node, loggers);
            Console.Out.WriteLine(
                $"Of '{result.GetValue(file)}': {merged.Added} addresses added, {merged.Known} known before, {merged.Unusable} "
                + $"dropped as not routable on {node.Network}, {merged.Crowded} dropped for want of a free place.");
            return ExitCodes.Clean;
        }));
        return import;
    }

    private static Command CreateSample()
    {
        Argument<string> file = FileCommand.FileArgument("The peers.dat to write.");
        var options = new OptionSyntax([OptionTable.Testnet, OptionTable.Regtest]);
        var sample = new Command(
            "sample", "Write a peers.dat of addresses that are reserved for documentation, always the same.") { file };
        options.AddTo(sample);
        sample.SetAction(result => FileCommand.Run(() =>
        {
            P2PNetwork network = NetworkIn(options, result) ?? P2PNetwork.Main;
            AddressBookFiles.WritePeersFile(result.GetValue(file)!, AddressBookSample.Make(), network);
            return ExitCodes.Clean;
        }));
        return sample;
    }

    /// <summary>The network that is named, if one other than main is.</summary>
    private static P2PNetwork? NetworkIn(OptionSyntax options, ParseResult result)
    {
        P2PNetwork network = NodeOptions.NetworkOf(new OptionValues(options.Read(result)));
        return network == P2PNetwork.Main ? null : network;
    }

    private static PeersImage Read(string path, P2PNetwork? wanted, out P2PNetwork network, out int unreadable)
    {
        unreadable = 0;
        if (!Directory.Exists(path))
            return AddressBookFiles.ReadPeersFile(path, wanted, out network);
        network = wanted ?? P2PNetwork.Main;
        return IsSeeded(path, network)
            ? AddressBookFiles.ReadPeersFile(AddressBookFiles.PeersFilePath(path, network), network, out _)
            : AddressBookFiles.ReadDatabase(path, network, out unreadable);
    }

    /// <summary>Whether a data directory has only a `peers.dat`, which the node will read when it starts.</summary>
    private static bool IsSeeded(string directory, P2PNetwork network) =>
        !AddressBookFiles.HasDatabase(directory, network) && File.Exists(AddressBookFiles.PeersFilePath(directory, network));

    private static int Check(string path, P2PNetwork? wanted)
    {
        if (!Directory.Exists(path))
            return CheckFile(path, wanted);

        P2PNetwork network = wanted ?? P2PNetwork.Main;
        // Each is looked at whatever became of the other.
        int database = IsSeeded(path, network) ? ExitCodes.Clean : FileCommand.Run(() => CheckDatabase(path, network));
        string snapshot = AddressBookFiles.PeersFilePath(path, network);
        int file = File.Exists(snapshot) ? FileCommand.Run(() => CheckFile(snapshot, network)) : ExitCodes.Clean;
        return Math.Max(database, file);
    }

    private static int CheckFile(string path, P2PNetwork? wanted)
    {
        PeersImage image = AddressBookFiles.ReadPeersFile(path, wanted, out P2PNetwork network);
        Report(path, image, network);
        return ExitCodes.Clean;
    }

    private static int CheckDatabase(string directory, P2PNetwork network)
    {
        PeersImage image = AddressBookFiles.ReadDatabase(directory, network, out int unreadable);
        string file = AddressBookFiles.DatabasePath(directory, network);
        if (unreadable == 0)
        {
            Report(file, image, network);
            return ExitCodes.Clean;
        }

        Console.Error.WriteLine(
            $"'{file}': {unreadable} addresses are damaged; {image.Entries.Count} are sound. A node leaves the others out.");
        return ExitCodes.Failed;
    }

    private static void Report(string file, PeersImage image, P2PNetwork network)
    {
        int tried = image.Entries.Count(entry => entry.InTried);
        Console.Out.WriteLine(
            $"'{file}' is sound: {network}, {image.Entries.Count} addresses ({image.Entries.Count - tried} new, {tried} tried), "
            + $"placed by {image.Grouping}.");
    }

    private static void WriteLines(PeersImage image)
    {
        foreach (AddressEntry entry in image.Entries)
            Console.Out.WriteLine(entry.Endpoint);
    }
}
