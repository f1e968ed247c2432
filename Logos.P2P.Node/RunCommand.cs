using System.Runtime.InteropServices;
using System.Text;
using Logos.P2P.Node.Configuration;
using Logos.P2P.Node.Control;
using Logos.P2P.Node.Logs;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Node;

/// <summary><c>logosp2p run</c>: a node whose upper layer is a person.</summary>
internal static partial class RunCommand
{
    public static async Task<int> RunAsync(OptionSources sources)
    {
        P2POptions options;
        ControlSettings controlSettings;
        LogSettings logSettings;
        var messages = new Messages(TimeProvider.System);
        try
        {
            options = NodeOptions.Read(sources.Values, sources.Network);
            controlSettings = ControlOptions.Read(sources.Values, sources.Network);
            controlSettings.Validate();
            logSettings = LogSettings.Read(sources.Values, options.NetworkDirectory!);
        }
        catch (ArgumentException e)
        {
            return Fail(e, ExitCodes.BadUsage);
        }

        ILoggerFactory loggers;
        try
        {
            loggers = ProgramLog.CreateFactory(logSettings);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail(e, ExitCodes.Failed);
        }

        using (loggers)
        {
            P2PNode node;
            try
            {
                node = new P2PNode(options, new PrintingHandler(messages), loggers);
            }
            catch (ArgumentException e)
            {
                return Fail(e, ExitCodes.BadUsage);
            }

            ILogger logger = loggers.CreateLogger("Logos.P2P.Program");
            if (sources.File is not null)
                ConfigurationRead(logger, sources.File);
            foreach (string warning in sources.Warnings)
                OptionUnused(logger, warning);
            await using (node.ConfigureAwait(false))
            {
                bool isUntilEof = sources.Values.Switch(OptionTable.UntilEof) ?? false;
                var run = new Run(node, options, controlSettings, logSettings, messages, isUntilEof);
                return await RunAsync(run, loggers).ConfigureAwait(false);
            }
        }
    }

    private static async Task<int> RunAsync(Run run, ILoggerFactory loggers)
    {
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using PosixSignalRegistration interrupt = OnSignal(PosixSignal.SIGINT, stop);
        using PosixSignalRegistration terminate = OnSignal(PosixSignal.SIGTERM, stop);
        using PosixSignalRegistration hangUp = OnSignal(PosixSignal.SIGHUP, stop);
        var context = new RpcContext(
            run.Node, run.Options, run.Messages, run.Log, () => stop.TrySetResult(), TimeProvider.System);
        ControlInterface control;
        try
        {
            await run.Node.StartAsync().ConfigureAwait(false);
            control = await ControlInterface.StartAsync(run.Control, context, loggers).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            return Fail(e, ExitCodes.Failed);
        }

        await using (control.ConfigureAwait(false))
        {
            // Reading a terminal cannot be cancelled, so the thread that does it must not keep the process alive.
            var input = new Thread(() =>
            {
                SendLines(run.Node, run.Messages);
                if (run.IsUntilEof)
                    stop.TrySetResult();
                else if (!Console.IsInputRedirected)
                    Console.Error.WriteLine("No more input. The node goes on; Ctrl-C stops it.");
            });
            input.IsBackground = true;
            input.Start();
            await stop.Task.ConfigureAwait(false);
        }

        return ExitCodes.Clean;
    }

    private static int Fail(Exception e, int code)
    {
        Console.Error.WriteLine(e.Message);
        return code;
    }

    /// <summary>
    /// The first signal stops the node cleanly. The second one does what signals do: whoever reads our output may have
    /// stopped reading, and then the node waits for ever to print a last line.
    /// </summary>
    private static PosixSignalRegistration OnSignal(PosixSignal signal, TaskCompletionSource stop) =>
        PosixSignalRegistration.Create(signal, context => context.Cancel = stop.TrySetResult());

    private static void SendLines(P2PNode node, Messages messages)
    {
        if (!Console.IsInputRedirected)
            Console.Error.WriteLine("Type a line to send it to every node. Ctrl-C stops.");
        while (Console.In.ReadLine() is { } line)
        {
            if (line.Length == 0)
                continue;
            byte[] message = Encoding.UTF8.GetBytes(line);
            if (message.Length > WireLimits.MaxPayload)
                Console.Error.WriteLine($"Not sent: a message has at most {WireLimits.MaxPayload} bytes.");
            else if (!messages.Propagate(node, message, out _))
                Console.Error.WriteLine("Not sent: no peer is connected yet.");
        }
    }

    [LoggerMessage(107, LogLevel.Information, "Options are read from '{File}'", EventName = "ConfigurationRead")]
    private static partial void ConfigurationRead(ILogger logger, string file);

    [LoggerMessage(108, LogLevel.Warning, "{Warning}", EventName = "OptionUnused")]
    private static partial void OptionUnused(ILogger logger, string warning);

    /// <summary>What a run consists of.</summary>
    private sealed record Run(
        P2PNode Node, P2POptions Options, ControlSettings Control, LogSettings Log, Messages Messages, bool IsUntilEof);
}
