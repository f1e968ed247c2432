using Logos.P2P.Addresses;
using Logos.P2P.AddrMan;
using Logos.P2P.Peers;
using Logos.P2P.Relay;
using Logos.P2P.Transport;
using Logos.P2P.Wire;

namespace Logos.P2P.Diagnostics;

/// <summary>Asks every owner of memory what it has.</summary>
internal static class MemoryAccounting
{
    /// <summary>
    /// What a connection occupies besides frames and addresses: its objects, and what it reads into. A test measures it.
    /// </summary>
    public const int PeerBytes = NodeDefaults.ReceiveBufferSize + (6 * 1024);

    /// <summary>The tables of an address book, empty. A test measures it.</summary>
    public const int AddressTableBytes = 33_000;

    /// <summary>What a bucket occupies, which its first address makes: its places, and its part in what is known of each network.</summary>
    public const int AddressBucketBytes = 560;

    /// <summary>What an address occupies in the book, with its places in tables and indexes. A test measures it.</summary>
    public const int AddressBytes = 330;

    public static MemoryAccount Take(
        NodeSettings settings, FramePool frames, PeerTable peers, MessageRelay relay, AddressManager book)
    {
        int count = 0, queued = 0, incomplete = 0, handled = 0;
        long queuedBytes = 0, incompleteBytes = 0, handledBytes = 0, peerBytes = 0;
        MemoryUse requests = default;
        foreach (Peer peer in peers.All)
        {
            count++;
            peerBytes += PeerBytes + peer.Addresses.Bytes;
            (int waiting, long cost) = peer.Queued;
            queued += waiting;
            queuedBytes += cost;
            int buffered = peer.Reader.BufferedCapacity;
            incomplete += buffered > 0 ? 1 : 0;
            incompleteBytes += buffered;
            handled += peer.HandlerQueue.Count;
            handledBytes += peer.HandlerQueue.Bytes;
            requests += peer.Requests.Memory;
        }

        // One frame of any size is taken where nothing waits.
        long bulkBytes = Math.Max(settings.MaxSendBuffer, ByteBudget.LargestFrame);
        return new MemoryAccount
        {
            Frames = new(
                frames.UsedFrames, frames.UsedBytes + (frames.UsedFrames * NodeDefaults.FrameObjectBytes), settings.MaxFrameMemory),
            SendQueues = new(
                queued, queuedBytes, count * (bulkBytes + NodeDefaults.MaxControlBuffer)),
            IncompleteFrames = new(
                incomplete, incompleteBytes, (long)count * (WireLimits.MaxPayload + WireLimits.ReadAhead)),
            HandlerQueues = new(handled, handledBytes, (long)count * settings.MaxReceiveBuffer),
            MessageStore = relay.StoreMemory,
            ImportantMessages = relay.ImportantMemory,
            UnusedFrames = new(
                frames.RetainedFrames,
                frames.RetainedBytes + ((long)frames.RetainedFrames * NodeDefaults.FrameObjectBytes),
                2 * FramePool.MaxRetainedBytes),
            SeenMessages = relay.SeenMemory,
            Relay = relay.GossipMemory,
            AddressBook = new(
                book.Count, BytesOfBook(book.Count), BytesOfBook(AddrManParameters.Capacity))
            {
                Evicted = book.EvictedCount,
            },
            PendingRequests = requests,
            Peers = new(
                count, peerBytes, (long)settings.MaxConnections * (PeerBytes + PeerAddresses.MaxBytes)),
        };
    }

    /// <summary>Few addresses have a bucket each; many have all that there are.</summary>
    private static long BytesOfBook(int addresses)
    {
        int buckets = Math.Min(addresses, AddrManParameters.NewBucketCount + AddrManParameters.TriedBucketCount);
        return AddressTableBytes + ((long)buckets * AddressBucketBytes) + ((long)addresses * AddressBytes);
    }
}
