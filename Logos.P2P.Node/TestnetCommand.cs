using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Logos.P2P.Simulation.Scripts;
using Logos.P2P.Testnet;
using Logos.P2P.Testnet.Chaos;
using Logos.P2P.Wire;
using Command = System.CommandLine.Command;

namespace Logos.P2P.Node;

/// <summary><c>logosp2p testnet</c>: networks of real processes on this machine. What its commands do is in <see cref="TestnetActions"/>.</summary>
internal static class TestnetCommand
{
    public static Command Create() => new("testnet", "Start, disturb, measure and remove a network of real nodes on this machine.")
    {
        CreateUp(), CreateStatus(), CreateSend(),
        CreateScripted("kill", "End nodes as a power failure would.", "nodes", "3 7-9, 30% of those that run, or all"),
        CreateScripted("restart", "Start nodes again with what they kept on disk.", "nodes", "3 7-9, dead, or all"),
        CreateScripted("partition", "Let nothing pass between sides, and tell nobody.", "sides", "\"0-4 | 5-9\", or \"0-4 | rest\""),
        CreateHeal(), CreateDelay(), CreateReset(), CreateCollect(), CreateRun(), CreateChaos(), CreateGraph(), CreateView(), CreateDown(), CreateProxy(),
    };

    private static Command CreateUp()
    {
        Option<int?> nodes = Number("nodes", "How many nodes. Default: 10.", 2, 1000);
        var graph = new Option<StartGraph>("-graph", "--graph")
        {
            Description = "random: each node is told whom to dial. seed: all are told of node 0 and find the others by gossip. Default: random.",
        };
        Option<int?> degree = Number("degree", "How many peers each node dials. Default: 8.", 1, 100);
        Option<int?> seed = Number("seed", "What the random graph comes from. Default: 1.", 0, int.MaxValue);
        var proxy = new Option<bool>("-proxy", "--proxy")
        {
            Description = "Lead every link through a proxy that can delay, cut and reset it. Only with a random graph.",
        };
        var relay = new Option<RelayMode>("-relay", "--relay")
        {
            Description = "How nodes relay messages: tree, eager, push, inv. Default: tree.",
        };
        Option<TimeSpan?> patience = Time("patience", "How long to wait until every node has its peers. Default: 60s.");
        var up = new Command("up", "Start a network, and wait until every node has its outbound peers.")
        {
            nodes, graph, degree, seed, proxy, relay, patience,
        };
        up.Validators.Add(result =>
        {
            if (result.GetValue(proxy) && result.GetValue(graph) == StartGraph.Seed)
                result.AddError("--proxy: nodes that find each other by gossip do not dial a proxy.");
        });
        Act(up, (actions, result) => actions.UpAsync(
            new TestnetOptions
            {
                Nodes = result.GetValue(nodes) ?? 10,
                Graph = result.GetValue(graph),
                Degree = result.GetValue(degree) ?? 8,
                Seed = result.GetValue(seed) ?? 1,
                Proxy = result.GetValue(proxy),
                Relay = result.GetValue(relay),
            },
            result.GetValue(patience) ?? TimeSpan.FromSeconds(60)));
        return up;
    }

    private static Command CreateStatus()
    {
        var status = new Command("status", "Print each node: whether it runs, its peers, its memory and processor time.");
        Act(status, (actions, _) => actions.StatusAsync());
        return status;
    }

    private static Command CreateSend()
    {
        Option<int?> count = Number("count", "How many messages. Default: 1.", 1, 1_000_000);
        Option<int?> size = Number("size", "How many bytes each. Default: 256.", NetworkScript.MinBytes, WireLimits.MaxPayload);
        Option<int?> node = Number("node", "Which node sends. Default: for each message one at random.", 0, 999);
        Option<TimeSpan?> every = Time("every", "Time from one message to the next. Default: 0s.");
        var send = new Command("send", "Have nodes send random messages.") { count, size, node, every };
        Act(send, (actions, result) => actions.PlayAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"send {result.GetValue(node)?.ToString(CultureInfo.InvariantCulture) ?? "random"} {result.GetValue(size) ?? 256} "
            + $"x{result.GetValue(count) ?? 1} every {(result.GetValue(every) ?? default).TotalMilliseconds}ms")));
        return send;
    }

    /// <summary>A command that is a line of a script.</summary>
    private static Command CreateScripted(string name, string description, string argument, string form)
    {
        var words = new Argument<string[]>(argument) { Description = form, Arity = ArgumentArity.OneOrMore };
        var command = new Command(name, description) { words };
        Act(command, (actions, result) => actions.PlayAsync($"{name} {string.Join(' ', result.GetValue(words)!)}"));
        return command;
    }

    private static Command CreateHeal()
    {
        var heal = new Command("heal", "End a partition.");
        Act(heal, (actions, _) => actions.PlayAsync("heal"));
        return heal;
    }

    private static Command CreateDelay()
    {
        var delay = new Argument<TimeSpan>("time") { Description = "One way, such as 20ms.", CustomParser = ParseTime };
        Option<TimeSpan?> jitter = Time("jitter", "Most additional delay. Default: 0s.");
        Option<int?> bandwidth = Number("bandwidth", "Bytes a second, one way; 0: no limit. Default: 0.", 0, int.MaxValue);
        (Option<int?> node, Option<int?> peer) = LinkOptions();
        var command = new Command("delay", "Delay what passes on links from now on, and limit how much.")
        {
            delay, jitter, bandwidth, node, peer,
        };
        Act(command, (actions, result) => actions.ShapeAsync(
            result.GetValue(node), result.GetValue(peer), result.GetValue(delay), result.GetValue(jitter) ?? default,
            result.GetValue(bandwidth) ?? 0));
        return command;
    }

    private static Command CreateReset()
    {
        (Option<int?> node, Option<int?> peer) = LinkOptions();
        var reset = new Command("reset", "Break the connections on links; the nodes dial again.") { node, peer };
        Act(reset, (actions, result) => actions.ResetAsync(result.GetValue(node), result.GetValue(peer)));
        return reset;
    }

    private static Command CreateCollect()
    {
        var json = new Option<bool>("-json", "--json") { Description = "Print one object of JSON instead of a table." };
        var collect = new Command("collect", "Print how far and how fast the messages sent so far came. Exit code 1: not everywhere.")
        {
            json,
        };
        Act(collect, (actions, result) => actions.CollectAsync(result.GetValue(json)));
        return collect;
    }

    private static Command CreateRun()
    {
        Argument<string> file = FileCommand.FileArgument("A script: docs/testnet.md says what it may contain.");
        Option<int?> seed = Number("seed", "What the script's chance comes from. Default: 1.", 0, int.MaxValue);
        var run = new Command("run", "Play a script.") { file, seed };
        Act(run, (actions, result) => actions.RunAsync(result.GetValue(file)!, result.GetValue(seed) ?? 1));
        return run;
    }

    private static Command CreateChaos()
    {
        Option<TimeSpan?> length = Time("length", "How long troubles go on. Default: 10m.");
        Option<TimeSpan?> peace = Time("peace", "How long messages are sent afterwards. Default: 1m.");
        Option<int?> seed = Number("seed", "What befalls whom when comes from it. Default: 1.", 0, int.MaxValue);
        var kinds = new Option<TroubleKind[]>("-kinds", "--kinds")
        {
            Description = "What may befall nodes. Default: all that can on this machine.",
            HelpName = "kinds",
            AllowMultipleArgumentsPerToken = true,
        };
        var chaos = new Command("chaos", "Trouble a network for a while, and look whether all is well afterwards. Exit code 1: it is not.")
        {
            length, peace, seed, kinds,
        };
        Act(chaos, (actions, result) =>
        {
            var defaults = new ChaosOptions();
            return actions.ChaosAsync(defaults with
            {
                Length = result.GetValue(length) ?? defaults.Length,
                Peace = result.GetValue(peace) ?? defaults.Peace,
                Seed = result.GetValue(seed) ?? defaults.Seed,
                Kinds = result.GetValue(kinds) is { Length: > 0 } some ? some : null,
            });
        }, mustEnd: true);
        return chaos;
    }

    private static Command CreateGraph()
    {
        Option<string?> dot = FileOption("dot", "For Graphviz.");
        Option<string?> svg = FileOption("svg", "A picture.");
        Option<string?> json = FileOption("json", "For programs; the simulator reads it.");
        var graph = new Command("graph", "Write who is connected with whom.") { dot, svg, json };
        graph.Validators.Add(result =>
        {
            if (result.GetResult(dot) is null && result.GetResult(svg) is null && result.GetResult(json) is null)
                result.AddError("What is to be written? Give --dot FILE, --svg FILE or --json FILE.");
        });
        Act(graph, (actions, result) => actions.GraphAsync(result.GetValue(dot), result.GetValue(svg), result.GetValue(json)));
        return graph;
    }

    private static Command CreateView()
    {
        Option<int?> port = Number("port", "The port on 127.0.0.1. Default: 0, one that is free.", 0, 65535);
        var view = new Command("view", "Show the network to a browser, and how messages spread in it. Ctrl-C ends that.") { port };
        Act(view, (actions, result) => actions.ViewAsync(result.GetValue(port) ?? 0), mustEnd: true);
        return view;
    }

    private static Command CreateDown()
    {
        var down = new Command("down", "End all processes and remove the directory.");
        Act(down, (actions, _) => actions.DownAsync());
        return down;
    }

    private static Command CreateProxy()
    {
        // 'up' starts it.
        var proxy = new Command("proxy", "Carry the links.") { Hidden = true };
        Act(proxy, (actions, _) => actions.ProxyAsync());
        return proxy;
    }

    private static void Act(Command command, Func<TestnetActions, ParseResult, Task<int>> action, bool mustEnd = false)
    {
        var directory = new Option<string>("-dir", "--dir")
        {
            Description = "The directory of the network. Default: testnet.",
            HelpName = "directory",
            DefaultValueFactory = _ => "testnet",
        };
        directory.Validators.Add(value =>
        {
            if (value.Tokens.Any(token => token.Value.Length == 0))
                value.AddError("-dir: the directory is empty.");
        });
        command.Options.Add(directory);
        command.SetAction((result, _) => TestnetActions.RunAsync(
            result.GetValue(directory)!, mustEnd, actions => action(actions, result)));
    }

    private static (Option<int?> Node, Option<int?> Peer) LinkOptions() => (
        Number("node", "Only links of this node.", 0, 999),
        Number("peer", "Only links of this node; with --node those between the two.", 0, 999));

    private static Option<int?> Number(string name, string description, int least, int most) => new($"-{name}", $"--{name}")
    {
        Description = description,
        HelpName = "number",
        CustomParser = argument => WholeNumber.Parse(argument, $"--{name}", least, most),
    };

    private static Option<TimeSpan?> Time(string name, string description) => new($"-{name}", $"--{name}")
    {
        Description = description,
        HelpName = "time",
        CustomParser = argument => ParseTime(argument),
    };

    private static Option<string?> FileOption(string name, string description) => new($"-{name}", $"--{name}")
    {
        Description = description,
        HelpName = "file",
    };

    private static TimeSpan ParseTime(ArgumentResult argument)
    {
        string text = argument.Tokens[0].Value;
        if (!Duration.TryParse(text, out TimeSpan time))
            argument.AddError($"'{text}' is not a time such as 20ms, 0.5s or 2m, at most a day.");
        return time;
    }
}
