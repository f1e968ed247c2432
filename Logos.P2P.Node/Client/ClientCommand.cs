using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Logos.P2P.Node.Configuration;
using Spectre.Console;
using Spectre.Console.Rendering;
using Command = System.CommandLine.Command;

namespace Logos.P2P.Node.Client;

/// <summary>What commands have in common that ask a running node: how they find it, and how they print what it answers.</summary>
internal static class ClientCommand
{
    /// <summary>Columns of what no terminal bounds: programs that read tables read lines.</summary>
    private const int WideEnough = 300;

    private static readonly JsonSerializerOptions Writing =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Makes a command that asks a node.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it does.</param>
    /// <param name="run">Does it.</param>
    /// <param name="symbols">Its arguments and own options.</param>
    public static Command Create(
        string name, string description, Func<RpcClient, ParseResult, Task> run, params Symbol[] symbols)
    {
        var command = new Command(name, description);
        foreach (Symbol symbol in symbols)
            Add(command, symbol);
        var options = new OptionSyntax(OptionTable.ForClients);
        options.AddTo(command);
        command.SetAction((result, _) => RunAsync(async () =>
        {
            using RpcClient client = RpcClient.Connect(options.ReadAll(result));
            await run(client, result).ConfigureAwait(false);
        }));
        return command;
    }

    /// <summary>The option of those that have something to print.</summary>
    public static Option<bool> JsonOption() => new("--json") { Description = "Print what the node answers, as JSON." };

    /// <summary>Runs a command; that no node answers is no fault of the program.</summary>
    public static Task<int> RunAsync(Func<Task> command) => FileCommand.RunAsync(async () =>
    {
        try
        {
            await command().ConfigureAwait(false);
            return ExitCodes.Clean;
        }
        catch (ClientException e)
        {
            await Console.Error.WriteLineAsync(e.Message).ConfigureAwait(false);
            return ExitCodes.Failed;
        }
    });

    /// <summary>Prints an answer as bitcoin-cli does: text as it is, nothing for nothing, and else JSON.</summary>
    public static void Print(JsonNode? answer)
    {
        if (answer is null)
            return;
        Console.Out.WriteLine(
            answer.GetValueKind() == JsonValueKind.String ? answer.GetValue<string>() : answer.ToJsonString(Writing));
    }

    /// <summary>Prints something for people.</summary>
    public static void Print(IRenderable table) => CreateConsole().Write(table);

    /// <summary>A table of ours.</summary>
    /// <param name="columns">Their headings; those that begin with &gt; are of numbers.</param>
    public static Table CreateTable(params string[] columns)
    {
        Table table = new Table().Border(TableBorder.Simple);
        foreach (string column in columns)
        {
            var heading = new TableColumn(new Text(column.TrimStart('>'), new Style(decoration: Decoration.Bold))) { NoWrap = true };
            table.AddColumn(column.StartsWith('>') ? heading.RightAligned() : heading);
        }

        return table;
    }

    /// <summary>A cell. Strangers choose some of the words, so nothing in one may steer the terminal.</summary>
    public static Text Cell(string text) => new(LineText.Escape(text));

    private static IAnsiConsole CreateConsole()
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings());
        if (Console.IsOutputRedirected)
            console.Profile.Width = WideEnough;
        return console;
    }

    private static void Add(Command command, Symbol symbol)
    {
        switch (symbol)
        {
            case Argument argument:
                command.Arguments.Add(argument);
                break;
            case Option option:
                command.Options.Add(option);
                break;
        }
    }
}
