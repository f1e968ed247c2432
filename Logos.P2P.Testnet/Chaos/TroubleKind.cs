namespace Logos.P2P.Testnet.Chaos;

/// <summary>What befalls nodes.</summary>
internal enum TroubleKind
{
    /// <summary>The process is killed, and starts again later.</summary>
    Kill,

    /// <summary>The process stands still, as one does whose machine is swapping or asleep, and goes on later.</summary>
    Freeze,

    /// <summary>Half of the network hears nothing of the other half.</summary>
    Partition,

    /// <summary>All connections of a node break.</summary>
    Reset,

    /// <summary>There is no room on the disk.</summary>
    FullDisk,

    /// <summary>The clock on the wall jumps by an hour, and back.</summary>
    ClockJump,

    /// <summary>The system gives the process no more descriptors: no sockets, no files.</summary>
    NoDescriptors,
}
