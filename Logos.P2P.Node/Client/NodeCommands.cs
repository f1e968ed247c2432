using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Logos.P2P.Node.Configuration;
using Logos.P2P.Node.Control;
using Command = System.CommandLine.Command;

namespace Logos.P2P.Node.Client;

/// <summary>Commands that ask a running node and have little to print: <c>send</c>, <c>call</c> and <c>stop</c>.</summary>
internal static class NodeCommands
{
    /// <summary>Makes them.</summary>
    public static IEnumerable<Command> Create() => [CreateSend(), CreateCall(), CreateStop()];

    private static Command CreateSend()
    {
        var text = new Argument<string>("message") { Description = "The message; with --hex its bytes in hex." };
        var hex = new Option<bool>("--hex") { Description = "The message is in hex." };
        var to = new Option<long?>("--to")
        {
            Description = "Send it to the upper layer of this peer alone: its id, as 'logosp2p peers' shows it.",
            HelpName = "id",
            CustomParser = argument => WholeNumber.Parse(argument, "--to", 0L, long.MaxValue),
        };
        return ClientCommand.Create(
            "send",
            "Have a running node send a message to every node; prints its id.",
            async (client, result) =>
            {
                string message = result.GetValue(text)!;
                string bytes = result.GetValue(hex) ? message : Convert.ToHexStringLower(Encoding.UTF8.GetBytes(message));
                JsonNode answer = (result.GetValue(to) is { } id
                    ? await client.CallAsync("senddirect", id, bytes).ConfigureAwait(false)
                    : await client.CallAsync("propagate", bytes).ConfigureAwait(false))!;
                if (!answer["sent"]!.GetValue<bool>())
                    throw new ClientException(result.GetValue(to) is null ? "Not sent: no peer is connected." : "Not sent: the peer's queue is full.");
                ClientCommand.Print(answer["id"]);
            },
            text, hex, to);
    }

    private static Command CreateCall()
    {
        var method = new Argument<string>("method") { Description = "The method; 'logosp2p call help' lists them." };
        method.CompletionSources.Add(_ =>
            RpcMethods.All.Select(known => new System.CommandLine.Completions.CompletionItem(known.Name)));
        var arguments = new Argument<string[]>("arguments") { Description = "Its arguments.", Arity = ArgumentArity.ZeroOrMore };
        return ClientCommand.Create(
            "call",
            "Call a method of a running node, as bitcoin-cli does, and print what it answers.",
            async (client, result) =>
            {
                string name = result.GetValue(method)!;
                ClientCommand.Print(await client.CallAsync(name, ReadArguments(name, result.GetValue(arguments)!)).ConfigureAwait(false));
            },
            method, arguments);
    }

    /// <summary>What is no text to the method is JSON. Of a method that only the node knows, what can be is.</summary>
    private static JsonNode?[] ReadArguments(string name, string[] arguments)
    {
        RpcMethod? method = RpcMethods.All.FirstOrDefault(known => known.Name == name);
        return [.. arguments.Select((text, i) => ReadArgument(text, method?.Parameters.ElementAtOrDefault(i)))];
    }

    private static JsonNode? ReadArgument(string text, RpcParameter? parameter)
    {
        if (parameter is { Kind: JsonValueKind.String })
            return text;
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return parameter is null ? text : throw new OptionException($"{parameter.Name}: '{text}' is not JSON.");
        }
    }

    private static Command CreateStop() => ClientCommand.Create(
        "stop", "Stop a running node cleanly.",
        async (client, _) => ClientCommand.Print(await client.CallAsync("stop").ConfigureAwait(false)));
}
