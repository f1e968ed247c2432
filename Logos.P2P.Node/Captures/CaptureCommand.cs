using System.CommandLine;
using Command = System.CommandLine.Command;

namespace Logos.P2P.Node.Captures;

/// <summary><c>logosp2p capture</c>: prints what a node wrote with <c>-capturemessages</c>.</summary>
internal static class CaptureCommand
{
    public static Command Create()
    {
        Argument<string> path = FileCommand.PathArgument("A msgs_recv.dat or msgs_sent.dat, or a directory with such files somewhere in it.");
        var json = new Option<bool>("--json") { Description = "A line of JSON for each message." };
        var capture = new Command(
            "capture",
            "Print the messages that a node wrote with -capturemessages, those of all peers in the order of their times: when, which peer, "
            + "received or sent, command, bytes, and the id of those of the upper layer.")
        {
            path, json,
        };
        capture.SetAction(result => FileCommand.Run(() =>
        {
            using var merge = new CaptureMerge(Console.Error);
            foreach (string file in FilesIn(result.GetValue(path)!))
                merge.Add(file);
            while (merge.TryTake(out CapturedMessage message))
                Console.Out.WriteLine(result.GetValue(json) ? message.ToJson() : message.ToLine());
            return merge.HasFailed ? ExitCodes.Failed : ExitCodes.Clean;
        }));
        return capture;
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
