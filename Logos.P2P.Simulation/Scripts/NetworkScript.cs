using System.Collections.Immutable;
using System.Globalization;
using Logos.P2P.Wire;

namespace Logos.P2P.Simulation.Scripts;

/// <summary>
/// What happens to a network, a line a step; the simulator and networks of real processes play the same. See
/// <c>docs/testnet.md</c>.
/// </summary>
public sealed class NetworkScript
{
    /// <summary>The shortest message: of shorter ones two would soon be the same, and a message travels once.</summary>
    public const int MinBytes = 8;

    private NetworkScript(ImmutableArray<ScriptStep> steps) => Steps = steps;

    /// <summary>What happens, in order.</summary>
    public ImmutableArray<ScriptStep> Steps { get; }

    /// <summary>Reads a script.</summary>
    /// <exception cref="ScriptException">It has an error; the message says where and which.</exception>
    public static NetworkScript Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        ImmutableArray<ScriptStep>.Builder steps = ImmutableArray.CreateBuilder<ScriptStep>();
        TimeSpan? latest = null;
        int number = 0;
        foreach (string line in text.Split('\n'))
        {
            number++;
            string[] words = line.Split('#')[0].Split(
                (char[]?)null, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (words.Length == 0)
                continue;
            try
            {
                ScriptStep step = ParseStep(number, words);
                if (step.At < latest)
                    throw new FormatException("this is before the line above");
                latest = step.At ?? latest;
                steps.Add(step);
            }
            catch (FormatException e)
            {
                throw new ScriptException(number, e.Message);
            }
        }

        return new NetworkScript(steps.ToImmutable());
    }

    /// <summary>Plays the script.</summary>
    /// <param name="network">On this network.</param>
    /// <param name="random">Decides what the script leaves to chance: the same in every network of as many nodes.</param>
    /// <exception cref="ScriptException">It names a node that the network does not have, or nobody is left to send.</exception>
    public async Task PlayAsync(IScriptedNetwork network, Random random)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (Steps.FirstOrDefault(step => step.HighestNode >= network.NodeCount) is { } bad)
            throw new ScriptException(bad.Line, $"there is no node {bad.HighestNode}; the last one is {network.NodeCount - 1}");
        TimeSpan start = network.Elapsed;
        foreach (ScriptStep step in Steps)
        {
            if (step.At is { } at)
                await WaitUntilAsync(network, start + at).ConfigureAwait(false);
            try
            {
                await PlayAsync(step, network, random).ConfigureAwait(false);
            }
            catch (FormatException e)
            {
                throw new ScriptException(step.Line, e.Message);
            }
        }
    }

    private static Task PlayAsync(ScriptStep step, IScriptedNetwork network, Random random) => step switch
    {
        SendStep send => SendAsync(send, network, random),
        KillStep kill => network.KillAsync(kill.Nodes.Of(network, random)),
        RestartStep restart => network.RestartAsync(restart.Nodes.Of(network, random)),
        PartitionStep partition => network.PartitionAsync(partition.Sides.Of(network, random)),
        HealStep => network.HealAsync(),
        DelayStep delay => network.DelayAsync(delay.Delay, delay.Jitter),
        WaitStep wait => network.WaitAsync(wait.Time),
        _ => network.CollectAsync(),
    };

    private static async Task SendAsync(SendStep send, IScriptedNetwork network, Random random)
    {
        TimeSpan first = network.Elapsed;
        for (int i = 0; i < send.Count; i++)
        {
            await WaitUntilAsync(network, first + (i * send.Every)).ConfigureAwait(false);
            int[] running = [.. Enumerable.Range(0, network.NodeCount).Where(network.IsRunning)];
            if (send.From is { } from && !running.Contains(from))
                throw new FormatException($"node {from} does not run");
            if (running.Length == 0)
                throw new FormatException("no node runs");
            await network.SendAsync(send.From ?? running[random.Next(running.Length)], send.Bytes).ConfigureAwait(false);
        }
    }

    private static async Task WaitUntilAsync(IScriptedNetwork network, TimeSpan time)
    {
        TimeSpan left = time - network.Elapsed;
        if (left > TimeSpan.Zero)
            await network.WaitAsync(left).ConfigureAwait(false);
    }

    private static ScriptStep ParseStep(int line, string[] words)
    {
        TimeSpan? at = null;
        if (words is ["at", var time, ..])
        {
            at = ParseDuration(time);
            words = words[2..];
        }

        return words switch
        {
            ["send", var from, var bytes] => ParseSend(line, at, from, bytes, "x1", "0s"),
            ["send", var from, var bytes, var count] => ParseSend(line, at, from, bytes, count, "0s"),
            ["send", var from, var bytes, var count, "every", var every] => ParseSend(line, at, from, bytes, count, every),
            ["kill", .. var nodes] => new KillStep(line, at, NodeSelection.Parse(nodes)),
            ["restart", .. var nodes] => new RestartStep(line, at, NodeSelection.Parse(nodes)),
            ["partition", .. var sides] => new PartitionStep(line, at, PartitionSides.Parse(sides)),
            ["heal"] => new HealStep(line, at),
            ["delay", var delay] => new DelayStep(line, at, ParseDuration(delay), TimeSpan.Zero),
            ["delay", var delay, "jitter", var jitter] =>
                new DelayStep(line, at, ParseDuration(delay), ParseDuration(jitter)),
            ["wait", var wait] => new WaitStep(line, at, ParseDuration(wait)),
            ["collect"] => new CollectStep(line, at),
            ["send", ..] => throw new FormatException("write: send NODE|random BYTES [xCOUNT [every TIME]]"),
            ["delay", ..] => throw new FormatException("write: delay TIME [jitter TIME]"),
            ["wait", ..] => throw new FormatException("write: wait TIME"),
            ["heal" or "collect", ..] => throw new FormatException($"'{words[0]}' stands alone"),
            [] => throw new FormatException("what is to be done then?"),
            _ => throw new FormatException(
                $"'{words[0]}' is none of send, kill, restart, partition, heal, delay, wait, collect"),
        };
    }

    private static SendStep ParseSend(int line, TimeSpan? at, string from, string bytes, string count, string every)
    {
        int? node = from == "random" ? null : ParseNumber(from, "a node's number or 'random'", 0, int.MaxValue);
        if (!count.StartsWith('x'))
            throw new FormatException($"'{count}' is not a count such as x20");
        return new SendStep(
            line,
            at,
            node,
            ParseNumber(bytes, $"a length from {MinBytes} to {WireLimits.MaxPayload}", MinBytes, WireLimits.MaxPayload),
            ParseNumber(count[1..], "a count from 1 to 1000000", 1, 1_000_000),
            ParseDuration(every));
    }

    private static int ParseNumber(string text, string what, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
            ? number
            : throw new FormatException($"'{text}' is not {what}");

    private static TimeSpan ParseDuration(string text) =>
        Duration.TryParse(text, out TimeSpan duration)
            ? duration
            : throw new FormatException($"'{text}' is not a time such as 20ms, 0.5s or 2m, at most a day");
}
