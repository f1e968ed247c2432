using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Logos.P2P.Access;
using Logos.P2P.AddrMan;
using Logos.P2P.Peers;
using Logos.P2P.Transport;
using Logos.P2P.Wire;

namespace Logos.P2P.Addresses;

/// <summary>
/// `getaddr`, `addr` and `addrv2`: what peers tell each other about who there is. Bitcoin Core's rules, each a defence:
/// see `docs/concepts.md`.
/// </summary>
internal sealed class AddressGossip(
    AddressManager book,
    LocalAddresses local,
    PeerTable peers,
    Discouragement discouragement,
    BanList bans,
    NetworkPolicy policy,
    FramePool frames,
    NodeClock clock,
    RandomSource random)
{
    /// <summary>Only lists this short are news worth passing on.</summary>
    private const int MaxRelayedList = 10;

    /// <summary>News is at most this old.</summary>
    private const long FreshSeconds = 10 * 60;

    /// <summary>Share of the book that one answer shows.</summary>
    private const int AnswerPercent = 23;

    /// <summary>
    /// Peers that an address is passed on to. Of those that we could not reach ourselves every other one goes to a single
    /// peer: such news is worth less, and half of the others may be unable to use it either.
    /// </summary>
    private const int RelayTargets = 2;

    /// <summary>What others tell us counts as two hours older than they say.</summary>
    internal static readonly TimeSpan TimePenalty = TimeSpan.FromHours(2);

    private readonly AddressResponseCache _answers = new(
        () => book.GetAddresses(WireLimits.MaxAddresses, AnswerPercent), random.Fork());

    private readonly ulong _relayKey0 = random.NextUInt64();
    private readonly ulong _relayKey1 = random.NextUInt64();

    /// <summary>The handshake is complete: tell those whom we chose ourselves our address, and ask for theirs.</summary>
    public void PeerReady(Peer peer)
    {
        local.Met(peer);
        if (peer.Kind == ConnectionKind.Inbound)
            return;

        NoteReachable(peer);
        if (!peer.Kind.CarriesAddresses)
            return;
        Open(peer);
        peer.Addresses.Asked();
        peer.Send(frames.Create(Command.GetAddr), SendLane.Small);
    }

    /// <summary>
    /// A connection has ended: an address that we reached was alive until now. That of a quiet peer stays as it was, or its
    /// time would show in our answers when we left it.
    /// </summary>
    public void PeerEnded(Peer peer)
    {
        if (peer is { IsReady: true, Kind: not (ConnectionKind.Inbound or ConnectionKind.Quiet or ConnectionKind.Feeler) })
            book.Connected(peer.Endpoint, clock.UnixSeconds);
    }

    /// <summary>
    /// Answers `getaddr`: once a connection and only to peers that dialled us, and with the same answer for a day, so that
    /// nobody can read off the book or see it change.
    /// </summary>
    /// <returns>False when it is not answered.</returns>
    public bool ReceiveGetAddr(Peer peer)
    {
        if (peer.Kind != ConnectionKind.Inbound || !peer.Addresses.TryAnswer())
            return false;

        Open(peer);
        foreach (TimedAddress address in Answer(peer).Span)
            Enqueue(peer, address);
        Flush(peer);
        return true;
    }

    /// <summary>Stores the addresses a peer tells us and passes on the news among them.</summary>
    public DecodeStatus ReceiveAddresses(Peer peer, ReadOnlySpan<byte> payload, bool v2)
    {
        var addresses = new List<TimedAddress>();
        DecodeStatus status = AddressListCodec.TryRead(payload, v2, addresses);
        if (status != DecodeStatus.Ok)
            return status;

        if (!peer.Kind.CarriesAddresses)
        {
            peer.CountDropped(v2 ? Command.AddrV2 : Command.Addr, DropReason.UnwantedAddresses);
            return status;
        }

        Open(peer);
        bool isAnswer = peer.Addresses.TakeAnswer();
        bool isNews = !isAnswer && addresses.Count <= MaxRelayedList;
        // In random order, so that whoever floods us cannot choose which of his addresses pass the limit.
        random.Shuffle(CollectionsMarshal.AsSpan(addresses));
        var accepted = new List<TimedAddress>(addresses.Count);
        long now = clock.UnixSeconds;
        bool mayFlood = peer.Permissions.HasFlag(PeerPermissions.Addr);
        foreach (TimedAddress told in addresses)
        {
            if (!mayFlood && !peer.Addresses.TryTakeAllowance(clock.Now))
            {
                peer.CountDropped(v2 ? Command.AddrV2 : Command.Addr, DropReason.AddressRateLimited);
                continue;
            }

            peer.Addresses.MarkKnown(told.Endpoint);
            TimedAddress address = told with { Time = AddressManager.ClampTime(told.Time, now) };
            if (!IsWorthKeeping(address))
                continue;
            accepted.Add(address);
            if (isNews && address.Time > now - FreshSeconds)
                Relay(peer, address);
        }

        book.Add(CollectionsMarshal.AsSpan(accepted), peer.Endpoint.Address, TimePenalty);
        // One address is the peer's own, which it tells everybody. The answer may be as short in a small network.
        if (peer.Addresses.CountTold(addresses.Count) > 1 && peer.Kind == ConnectionKind.AddrFetch)
            peer.Disconnect(DisconnectReason.AddrFetchDone);
        return DecodeStatus.Ok;
    }

    /// <summary>Sends what waits for a peer, and our own address once a day.</summary>
    public void Tick(Peer peer)
    {
        TimeSpan now = clock.Now;
        if (now >= peer.Addresses.NextSelfAdvertisement)
        {
            // A day later the same addresses are news again: that they are still alive, ours among them.
            peer.Addresses.ForgetKnown();
            AdvertiseSelf(peer);
        }

        if (now < peer.Addresses.NextFlush)
            return;
        peer.Addresses.NextFlush = now + random.NextExponential(policy.AddressFlushMean);
        Flush(peer);
    }

    /// <summary>Stores what only a handshake that we began can tell: this address works, and offers this.</summary>
    public void NoteReachable(Peer peer)
    {
        if (peer.Kind == ConnectionKind.Manual)
        {
            var entry = new TimedAddress(peer.Endpoint, peer.Version!.Services, (uint)clock.UnixSeconds);
            book.Add([entry], peer.Endpoint.Address, TimeSpan.Zero);
        }

        NoteServices(peer);
        book.Good(peer.Endpoint, clock.UnixSeconds);
    }

    /// <summary>Stores what a peer that we dialled says that it offers, be it too little.</summary>
    public void NoteServices(Peer peer) => book.SetServices(peer.Endpoint, peer.Version!.Services);

    private bool IsWorthKeeping(in TimedAddress address) =>
        address.Services.HasFlag(Services.Logos)
        && policy.IsStorable(address.Endpoint)
        && !local.IsOwn(address.Endpoint)
        && !IsUnwanted(address.Endpoint.Address);

    private bool IsUnwanted(in NetAddress address) => discouragement.Contains(address) || bans.Contains(address);

    /// <summary>Tells a peer our address alone in a message of its own, as nobody does with an address he passes on.</summary>
    private void AdvertiseSelf(Peer peer)
    {
        peer.Addresses.NextSelfAdvertisement =
            clock.Now + random.NextExponential(peer.Addresses.NextSelfAdvertisementWait(policy));
        if (local.ToTell(peer) is not { } endpoint || !IsExpressible(peer, endpoint))
            return;
        var self = new TimedAddress(endpoint, Services.Logos, (uint)clock.UnixSeconds);
        peer.Addresses.MarkKnown(endpoint);
        peer.Send(frames.Create([self], peer.WantsAddrV2), SendLane.Small);
    }

    /// <summary>
    /// Passes an address on to the two peers whose keyed hash with it is highest: a choice that is random to everybody
    /// else and the same for a while. Each address has a time of its own at which the choice changes.
    /// </summary>
    private void Relay(Peer from, in TimedAddress address)
    {
        Span<byte> name = stackalloc byte[NetAddress.MaxLength + sizeof(ushort)];
        var writer = new WireWriter(name);
        writer.WriteBytes(address.Endpoint.Address.Bytes);
        writer.WritePort(address.Endpoint.Port);
        ulong hash = SipHash.Hash64(_relayKey0, _relayKey1, name[..writer.Written]);
        long offset = (long)(hash % (ulong)policy.RelayPeriodSeconds);

        Span<byte> ballot = stackalloc byte[sizeof(ulong) + sizeof(long) + sizeof(long)];
        BinaryPrimitives.WriteUInt64LittleEndian(ballot, hash);
        BinaryPrimitives.WriteInt64LittleEndian(
            ballot[sizeof(ulong)..], (clock.UnixSeconds + offset) / policy.RelayPeriodSeconds);

        bool isHalved = !address.Endpoint.Address.IsIP && hash >> 63 == 0;
        int count = isHalved ? RelayTargets / 2 : RelayTargets;
        var targets = new (ulong Score, Peer? Peer)[count];
        foreach (Peer peer in peers.Ready)
        {
            if (peer == from || !peer.Addresses.IsOpen || !MayTell(peer, address.Endpoint))
                continue;
            BinaryPrimitives.WriteInt64LittleEndian(ballot[(sizeof(ulong) + sizeof(long))..], peer.Id);
            ulong score = SipHash.Hash64(_relayKey0, _relayKey1, ballot);
            int weakest = count == 1 || targets[0].Score < targets[1].Score ? 0 : 1;
            if (targets[weakest].Peer is null || score > targets[weakest].Score)
                targets[weakest] = (score, peer);
        }

        foreach ((_, Peer? target) in targets)
        {
            if (target is not null)
                Enqueue(target, address);
        }
    }

    /// <summary>
    /// Begins to tell a peer addresses. Those that we dialled at once; those that dialled us when they have shown that they
    /// take part in gossip: an address passed on to one that only listens would go no further.
    /// </summary>
    private void Open(Peer peer)
    {
        if (!peer.Addresses.TryOpen())
            return;
        peer.Addresses.NextFlush = clock.Now + random.NextExponential(policy.AddressFlushMean);
        AdvertiseSelf(peer);
    }

    /// <summary>
    /// On regtest every answer is fresh: a network that is made in seconds cannot wait a day for the next. And so it is for
    /// peers that the operator trusts with it.
    /// </summary>
    private ReadOnlyMemory<TimedAddress> Answer(Peer peer) =>
        policy.KeepsAnswers && !peer.Permissions.HasFlag(PeerPermissions.Addr)
            ? _answers.Get(peer.LocalEndpoint, peer.Endpoint.Address.Network, clock.Now)
            : book.GetAddresses(WireLimits.MaxAddresses, AnswerPercent);

    private void Enqueue(Peer peer, in TimedAddress address)
    {
        if (MayTell(peer, address.Endpoint) && !IsUnwanted(address.Endpoint.Address))
            peer.Addresses.Enqueue(address, random);
    }

    private void Flush(Peer peer)
    {
        // Somebody may have been banned while his address waited.
        TimedAddress[] waiting =
            [.. peer.Addresses.TakeWaiting().Where(address => !IsUnwanted(address.Endpoint.Address))];
        if (waiting.Length > 0)
            peer.Send(frames.Create(waiting, peer.WantsAddrV2), SendLane.Small);
    }

    private bool MayTell(Peer peer, in NetEndpoint endpoint) =>
        IsExpressible(peer, endpoint) && policy.MayTell(endpoint.Address, peer.Endpoint.Address);

    private static bool IsExpressible(Peer peer, in NetEndpoint endpoint) =>
        peer.WantsAddrV2 || endpoint.Address.IsV1Compatible;
}
