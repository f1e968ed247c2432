using System.Text;
using Logos.P2P.Node.Logs;
using Logos.P2P.Testnet.Chaos;
using Microsoft.Extensions.Logging;
using NUnit.Framework;

namespace Logos.P2P.Tests.Testnet.Chaos;

/// <summary>What chaos looks for in logs.</summary>
internal sealed class NodeLogTests
{
    [TestCase(103, LogLevel.Error, "The heartbeat failed; it goes on with the next beat")]
    [TestCase(205, LogLevel.Error, "The work for peer 3 failed; this is a fault of the program")]
    [TestCase(503, LogLevel.Error, "The control method ping failed; this is a fault of the program")]
    [TestCase(304, LogLevel.Warning, "'data.mdb' is not used: it is torn. It was set aside as 'data.mdb.bad'")]
    [TestCase(309, LogLevel.Warning, "The anchors in 'data.mdb' are damaged: 0 anchors are used")]
    public void Mistakes_and_losses_are_faults(int id, LogLevel level, string message) =>
        Assert.That(NodeLog.IsFault(LineOf(id, level, message)), Is.True);

    [TestCase("Unhandled exception. System.OutOfMemoryException: no")]
    [TestCase("Process terminated. Failed to create a thread")]
    public void So_are_the_last_words_of_a_process(string line) => Assert.That(NodeLog.IsFault(line), Is.True);

    [TestCase(301, LogLevel.Error, "Could not write the address book; trying again later")]
    [TestCase(313, LogLevel.Error, "Could not save the anchors; the next start goes without")]
    [TestCase(203, LogLevel.Debug, "Could not connect to 127.0.0.1:1: [error] refused")]
    [TestCase(100, LogLevel.Information, "Started on Regtest with 174 known addresses")]
    public void What_a_node_cannot_help_is_not(int id, LogLevel level, string message) =>
        Assert.That(NodeLog.IsFault(LineOf(id, level, message)), Is.False);

    private static string LineOf(int id, LogLevel level, string message) => Encoding.UTF8.GetString(LogFormat.Readable(
        new LogEntry(DateTimeOffset.UnixEpoch, level, Source: "", new EventId(id), message, Fields: [], Exception: null)));
}
