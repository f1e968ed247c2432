using Logos.P2P.AddrMan;
using Logos.P2P.Diagnostics;
using Logos.P2P.Storage;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Addresses;

/// <summary>
/// Writes `peers.dat`, the portable snapshot of the address book: now and then, and when the node stops, if there is news.
/// The database is the truth; this is what one copies to another machine. Writing runs on its own.
/// </summary>
/// <param name="book">The address book.</param>
/// <param name="key">The secret that places its addresses.</param>
/// <param name="path">The file.</param>
/// <param name="policy">Whose network, and by which grouping.</param>
/// <param name="clock">The time.</param>
/// <param name="tasks">Where it is written.</param>
/// <param name="logger">Where a failure is told.</param>
internal sealed class PeersSnapshot(
    AddressManager book,
    byte[] key,
    string path,
    NetworkPolicy policy,
    NodeClock clock,
    NodeTasks tasks,
    ILogger logger)
{
    /// <summary>The name of the file in the data directory of a network.</summary>
    public const string FileName = "peers.dat";

    /// <summary>Bitcoin Core's DUMP_PEERS_INTERVAL.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(15);

    private readonly Lock _oneWriter = new();
    private TimeSpan _lastWrite = clock.Now;

    // What the book had seen when it was last written; whether the file of an earlier run is the same nobody knows.
    private long _writtenChanges = -1;

    /// <summary>Where the file of a node is.</summary>
    /// <param name="directory">The data directory of its network.</param>
    public static string PathIn(string directory) => Path.Combine(directory, FileName);

    /// <summary>The write that is running, or the last one.</summary>
    public Task Writing { get; private set; } = Task.CompletedTask;

    /// <summary>Starts to write when it is time.</summary>
    public void Tick()
    {
        if (clock.Now - _lastWrite < Interval || !Writing.IsCompleted)
            return;
        _lastWrite = clock.Now;
        Writing = tasks.RunBlocking(Write);
    }

    /// <summary>
    /// Writes the file unless it has all there is. It is on disk on return, or the old one is still there and the log says why.
    /// </summary>
    public void Write()
    {
        lock (_oneWriter)
        {
            try
            {
                // Read first: what happens in between is then written twice rather than not at all.
                long changes = book.ChangeCount;
                if (changes == _writtenChanges && File.Exists(path))
                    return;
                var image = new PeersImage { Key = key, Grouping = policy.GroupingName, Entries = book.Snapshot() };
                PeersFileStore.Save(path, image, policy.Network);
                _writtenChanges = changes;
            }
            catch (IOException e)
            {
                Log.SnapshotNotWritten(logger, e);
            }
        }
    }
}
