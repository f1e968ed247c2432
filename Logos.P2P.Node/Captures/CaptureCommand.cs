using System.CommandLine;
using Command = System.CommandLine.Command;

namespace Logos.P2P.Node.Captures;

/// <summary><c>logosp2p capture</c>: prints what a node wrote with <c>-capturemessages</c>.</summary>
internal static class CaptureCommand
{
    public static Command Create()
    {
        var path = new Argument<string>("path") { Description = "A msgs_recv.dat or msgs_sent.dat, or a directory with such files somewhere in it." };
        var json = new Option<bool>("--json") { Description = "A line of JSON for each message." };
        var capture = new Command(
            "capture",
            "Print the messages that a node wrote with -capturemessages, those of all peers in the order of their times: when, which peer, "
            + "received or sent, command, bytes, and the id of those of the upper layer.")
        {
            path, json,
        };
        capture.SetAction(result => FileCommand.Run(
            () => Print(FilesIn(result.GetValue(path)!), result.GetValue(json), Console.Out, Console.Error)));
        return capture;
    }

    /// <summary>Prints the messages of files, as far as they can be read.</summary>
    /// <returns>Whether all could be.</returns>
    public static int Print(IReadOnlyList<string> files, bool asJson, TextWriter output, TextWriter errors)
    {
        int exitCode = ExitCodes.Clean;
        var readers = new List<CaptureReader>();
        // Where times are equal, in the order of the files: what was received before what was sent.
        var next = new PriorityQueue<(CaptureReader From, CapturedMessage Message), (ulong Time, int File)>();
        try
        {
            foreach (string file in files)
            {
                readers.Add(CaptureReader.Open(file));
                Advance(readers[^1], readers.Count);
            }

            while (next.TryDequeue(out (CaptureReader From, CapturedMessage Message) first, out (ulong Time, int File) place))
            {
                output.WriteLine(asJson ? first.Message.ToJson() : first.Message.ToLine());
                Advance(first.From, place.File);
            }
        }
        finally
        {
            foreach (CaptureReader reader in readers)
                reader.Dispose();
        }

        return exitCode;

        void Advance(CaptureReader reader, int file)
        {
            try
            {
                if (reader.TryRead(out CapturedMessage message))
                    next.Enqueue((reader, message), (message.Header.Microseconds, file));
            }
            catch (IOException e)
            {
                errors.WriteLine(e.Message);
                exitCode = ExitCodes.Failed;
            }
        }
    }

    private static string[] FilesIn(string path)
    {
        if (!Directory.Exists(path))
            return [path];
        string[] files = [.. Directory.EnumerateFiles(path, "msgs_*.dat", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        return files.Length > 0
            ? files
            : throw new IOException($"'{path}' has no captured messages in it. A node writes them with -capturemessages.");
    }
}
