using System.Runtime.InteropServices;
using System.Text;
using Logos.P2P.Node.Control;
using Logos.P2P.Node.Views;
using Logos.P2P.Wire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Logos.P2P.Node;

/// <summary><c>logosp2p run</c>: a node whose upper layer is a person.</summary>
internal static class RunCommand
{
    public static async Task<int> RunAsync(
        P2POptions options, ControlSettings controlSettings, ViewsSettings viewsSettings, LogLevel logLevel, bool untilEndOfInput)
    {
        using ILoggerFactory loggers = CreateLoggers(logLevel);
        var messages = new Messages(TimeProvider.System);
        P2PNode node;
        try
        {
            controlSettings.Validate();
            node = new P2PNode(options, new PrintingHandler(messages), loggers);
        }
        catch (ArgumentException e)
        {
            Console.Error.WriteLine(e.Message);
            return ExitCodes.BadUsage;
        }

        await using (node.ConfigureAwait(false))
        {
            var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using PosixSignalRegistration interrupt = OnSignal(PosixSignal.SIGINT, stop);
            using PosixSignalRegistration terminate = OnSignal(PosixSignal.SIGTERM, stop);
            using PosixSignalRegistration hangUp = OnSignal(PosixSignal.SIGHUP, stop);
            var context = new RpcContext(node, options, messages, () => stop.TrySetResult(), TimeProvider.System);
            ControlInterface? control = null;
            NodeViews views;
            try
            {
                await node.StartAsync().ConfigureAwait(false);
                control = await ControlInterface.StartAsync(controlSettings, context, loggers).ConfigureAwait(false);
                views = await NodeViews.StartAsync(viewsSettings, context, control.Credentials, loggers).ConfigureAwait(false);
            }
            catch (IOException e)
            {
                if (control is not null)
                    await control.DisposeAsync().ConfigureAwait(false);
                Console.Error.WriteLine(e.Message);
                return ExitCodes.Failed;
            }

            await using (control.ConfigureAwait(false))
            await using (views.ConfigureAwait(false))
            {
                // Reading a terminal cannot be cancelled, so the thread that does it must not keep the process alive.
                var input = new Thread(() =>
                {
                    SendLines(node, messages);
                    if (untilEndOfInput)
                        stop.TrySetResult();
                    else if (!Console.IsInputRedirected)
                        Console.Error.WriteLine("No more input. The node goes on; Ctrl-C stops it.");
                });
                input.IsBackground = true;
                input.Start();
                await stop.Task.ConfigureAwait(false);
            }
        }

        return ExitCodes.Clean;
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

    /// <summary>Standard output carries messages only; logs go to standard error.</summary>
    public static ILoggerFactory CreateLoggers(LogLevel logLevel) => LoggerFactory.Create(builder => builder
        .SetMinimumLevel(logLevel)
        // The web server has a line for whatever strangers send it.
        .AddFilter("Microsoft", LogLevel.Warning)
        .AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            console.UseUtcTimestamp = true;
            // By default the logger looks at standard output, where it does not write.
            console.ColorBehavior = Console.IsErrorRedirected ? LoggerColorBehavior.Disabled : LoggerColorBehavior.Default;
        })
        .Services.Configure<ConsoleLoggerOptions>(
            console => console.LogToStandardErrorThreshold = LogLevel.Trace));
}
