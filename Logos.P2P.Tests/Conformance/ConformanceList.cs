namespace Logos.P2P.Tests.Conformance;

/// <summary>
/// What the tests of Bitcoin Core, btcd and zebra ask of a node, and what it comes to here. Where this node differs the item
/// says so.
/// </summary>
internal static class ConformanceList
{
    private const string NotBuilt = "not built yet";

    public static IReadOnlyList<(char Letter, string Title)> Chapters { get; } =
    [
        ('W', "Wire"), ('H', "Handshake"), ('P', "Ping"), ('A', "Addresses"), ('M', "Address manager and files"),
        ('E', "Slots, eviction, bans"), ('R', "Announcements, requests, messages"),
    ];

    public static IReadOnlyList<ConformanceItem> Items { get; } =
    [
        new("W1", "A header that comes in two pieces, and its payload in more, is put together; nothing of it is logged as a fault"),
        new("W2", "A second `version` is ignored and counted"),
        new("W3", "Bytes that are not our network's magic end the connection at the fourth of them"),
        new("W4", "A message with a wrong checksum is dropped, counted as `other` with all its bytes, and the connection stays; "
            + "also for `logos`, which then may come again undamaged. Ten a minute end the connection"),
        new("W5", "4,000,001 bytes end the connection at the header, whatever the command; so does one byte more than the command "
            + "may have (`ping` of 9, `verack` of 1)"),
        new("W6", "A command with a byte after its padding or one that is not ASCII is dropped and counted as `other`; the "
            + "connection stays"),
        new("W7", "`addrv2`: no payload or an address of 513 bytes is damage, no entries are fine, an unknown network is skipped and "
            + "what comes after it is not"),
        new("W8", "50,000 entries of `inv`, `getdata` or `notfound` are accepted; 50,001 end the connection and are punished"),
        new("W9", "80 unknown messages of 4 MB do not keep another peer's ping from being answered"),
        new("W10", "Two nodes that send each other 4 MB at once both finish"),
        new("W11", "What is sent and received can be written to a file in Bitcoin Core's format, in its order"),
        new("W12", "A short header, a wrong magic, bad command bytes, too much for any or for this command, a payload that ends "
            + "early, a wrong checksum: each has a reason of its own, and an unknown command's payload is skipped to its end"),
        new("W13", "Bytes after the end of a message are ignored, as far as the command may be that long; after `feature` they are a "
            + "violation"),
        new("W14", "Before the handshake is complete 1,024 bytes are the limit; a `version` that is empty, cut short or has a user "
            + "agent of 257 bytes ends the connection. Its time may be any (zebra refuses some)"),
        new("W15", "Any fragmentation of a stream yields the same messages, and what is sent is never repeated or skipped"),

        new("H1", "Before `version` a node that was dialled says nothing; before `verack` nothing but `version`, `sendaddrv2`, `verack`"),
        new("H2", "A peer below the oldest version ends: here 70016, so 70015 is refused"),
        new("H3", "`version` gives no address of our own away, and tells the peer the address that we see"),
        new("H4", "Who says nothing, or no `version`, or no `verack`, is cut when the time of the handshake is over (15 s) and not "
            + "before; a ping does not help"),
        new("H5", "A dialled peer without NODE_LOGOS is left; a second `verack` is ignored; our own nonce ends both connections; a "
            + "feeler leaves after the handshake"),
        new("H6", "`feature`: ids of 4 to 80 bytes, any bytes, and data up to 512 are taken, sixteen in a row too; others, a byte too "
            + "many or too few, and any after `verack` end the connection; before `version` it is ignored"),
        new("H7", "`sendaddrv2` after `verack` ends the connection; who did not send it is told addresses as `addr`"),
        new("H8", "The encrypted transport of BIP324", NotBuilt),
        new("H9", "8 full and 2 quiet outbound connections, no more; a feeler says nothing and leaves; a dialled peer may send its "
            + "`version` early. All send relay=1: there is nothing that a quiet peer would not relay"),
        new("H10", "Who hangs up at any stage of the handshake leaves nothing behind"),

        new("P1", "`ping` is answered with its nonce; a pong too short and one of nonce zero cancel ours, one of another nonce does "
            + "not; an unasked one is counted; without an answer the peer is cut (after 20 s of silence); the round trip is measured"),
        new("P2", "The next ping follows after 60 s, whatever else flows; the shortest round trip is kept"),

        new("A1", "More than 1,000 addresses are punished; of up to 10 fresh ones each goes on to two other peers, or to one; the "
            + "answer to our question does not, and nothing goes to or comes from quiet peers"),
        new("A2", "Who dialled us is told no address before it has sent an address message itself"),
        new("A3", "`getaddr` is sent only to peers that we dialled, and answered only to those that dialled us, once"),
        new("A4", "After our question 1,000 addresses are taken, then 0.1 a second, from a peer with the permission `addr` any number; which of "
            + "too many is left to chance"),
        new("A5", "An address goes to the same peers for a day and to others on other days"),
        new("A6", "Our own address travels alone in its message, about once a day"),
        new("A7", "A peer that was dialled for its addresses is asked, kept while it tells one, left when it tells more, and left "
            + "after 5 minutes"),
        new("A8", "`addrv2` of more than 1,000 is punished; addresses of every network go on byte for byte to those who asked for it"),
        new("A9", "`getaddr` on the same address of ours gets the same answer for a day (21 to 27 h), on another another; 1,000 at most"),
        new("A10", "Of services a node's own word replaces what is known, hearsay only adds to it; times move by the rules for hearsay"),
        new("A11", "Any bytes are a canonical address or an error"),

        new("M1", "Bitcoin Core's numbers: 23rd address collides, collisions are tested and resolved, at most 8 places, only newer "
            + "news adds one, one of five and 461 of 2,006 are told"),
        new("M2", "Every damage of `peers.dat` is a start-up error that names it; a later format is set aside as `.bak`; none is made anew"),
        new("M3", "Anchors are quiet peers, taken out of the store when read, dialled first; one that is damaged means none, and the "
            + "node starts"),
        new("M4", "`-asmap`: the version is told, addresses survive the restart, a missing or empty map is a start-up error, the "
            + "health is told"),
        new("M5", "Failed addresses wait longer each time; one that was just tried is hardly ever chosen. There is no older format to "
            + "migrate from"),
        new("M6", "Whatever happens to an address manager, its invariants hold, and through its file it comes back as it was"),

        new("E1", "A full node evicts exactly one peer for a newcomer, and never a protected one"),
        new("E2", "The limits of connections hold however many come at once"),
        new("E3", "The outbound peer whose last first delivery of an accepted message is oldest makes room for a newcomer, now and "
            + "then; the only one of its network stays"),
        new("E4", "Hosts and subnets are banned, for a time that is exact, kept over restarts; what cannot be banned or unbanned is told"),
        new("E5", "One offence cuts and discourages the host, whatever the port; this machine and manual peers are cut only"),
        new("E6", "Permissions of whitelisted ranges parse, combine and have a direction; an unknown one is an error"),
        new("E7", "The evicted peer is one of the candidates; each protection protects exactly its number"),

        new("R1", "An unknown kind in `getdata` does not stand in the way of what comes after it"),
        new("R2", "Every announcer is asked in the end; time-outs, disconnects and `notfound` fall back to the next"),
        new("R3", "Who kept its promises is asked before who is busy or did not, whoever dialled; among equals not one at random but the "
            + "first to announce, who is likely to be the nearest"),
        new("R4", "What was here before a peer came, and less than ten seconds ago, is not served to it: what comes later is announced to all"),
        new("R5", "What came before a peer's handshake was complete is not sent to it afterwards"),
        new("R6", "Who sends more messages than a peer may is read from at the rate, then cut"),
        new("R7", "The peers that deliver first are asked to push; those that come late are told so and announce instead"),
        new("R8", "Random interleavings of requests keep their invariants"),
        new("R9", "A `logos` message reaches the upper layer once; `Consume` stops it and punishes nobody, `Reject` punishes who "
            + "delivered it first"),
        new("R10", "4,000,000 bytes pass and 4,000,001 do not; an empty message passes; so do ten thousand tiny ones in one segment; a "
            + "slow peer delays no other"),
    ];
}
