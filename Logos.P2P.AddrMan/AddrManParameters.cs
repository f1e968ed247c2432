namespace Logos.P2P.AddrMan;

/// <summary>
/// The numbers that shape the address manager. They are Bitcoin Core's (`addrman.cpp`, `addrman_impl.h`): the sizes
/// come from the eclipse attack study of Heilman et al. (2015), which asked for tables so large that an attacker needs
/// a botnet of thousands of address groups to fill them.
/// </summary>
public static class AddrManParameters
{
    /// <summary>Bytes of the secret key that decides every placement: as hard to guess as a 256-bit hash.</summary>
    public const int KeySize = 32;

    /// <summary>
    /// Buckets for addresses only heard of. Many, because anyone can fill them by gossip at no cost.
    /// </summary>
    public const int NewBucketCount = 1024;

    /// <summary>
    /// Buckets for addresses that answered. Fewer, because an address gets there only by accepting a connection from
    /// us.
    /// </summary>
    public const int TriedBucketCount = 256;

    /// <summary>Positions in a bucket. 64 also lets one machine word say which of them are taken.</summary>
    public const int BucketSize = 64;

    /// <summary>
    /// Over how many tried buckets the addresses of one group (/16 for IPv4) spread. An attacker with a whole /16
    /// gets at most 8 of 256 buckets, 3 % of what we dial from.
    /// </summary>
    public const int TriedBucketsPerGroup = 8;

    /// <summary>
    /// Over how many new buckets the addresses told by one source group spread. One liar reaches at most 64 of 1024,
    /// 6 %, whatever it tells.
    /// </summary>
    public const int NewBucketsPerSourceGroup = 64;

    /// <summary>
    /// In how many new buckets one address may be. More than one lets an address that many sources tell be chosen more
    /// often; the bound keeps it from crowding out the rest.
    /// </summary>
    public const int NewBucketsPerAddress = 8;

    /// <summary>The most addresses there can be at one time: every position of both tables taken by another.</summary>
    public const int Capacity = (NewBucketCount + TriedBucketCount) * BucketSize;

    /// <summary>
    /// Seconds (30 days) after which an address that nobody has seen is terrible: homes and cloud machines change
    /// addresses within weeks.
    /// </summary>
    public const long Horizon = 30 * Day;

    /// <summary>Attempts without a single success ever after which an address is terrible.</summary>
    public const int Retries = 3;

    /// <summary>Failures in a row after which an address that once answered is terrible...</summary>
    public const int MaxFailures = 10;

    /// <summary>
    /// ...if its last success is also this many seconds ago (7 days), so that a weekend's outage forgets nobody.
    /// </summary>
    public const long MinFailureAge = 7 * Day;

    /// <summary>
    /// Seconds after an attempt in which an address is never terrible: the connection may be succeeding right now.
    /// </summary>
    public const long AttemptGrace = Minute;

    /// <summary>
    /// Seconds by which an address may come from the future. Clocks differ; a claim beyond this is a lie or a fault.
    /// </summary>
    public const long MaxFuture = 10 * Minute;

    /// <summary>
    /// Unix seconds (1973) up to which a time is none: whoever told it had no clock. Bitcoin Core's bound for `addr`.
    /// </summary>
    public const uint EarliestTime = 100_000_000;

    /// <summary>
    /// Unix seconds (1 January 2025) before which it cannot be: this program is younger, so a clock that says less is not set yet.
    /// </summary>
    public const long EarliestNow = 1_735_689_600;

    /// <summary>
    /// Seconds (5 days) that an address counts as old whose time is impossible: old enough that true ones go before it, and
    /// not so old that it is terrible.
    /// </summary>
    public const long UnknownAge = 5 * Day;

    /// <summary>Seconds after an attempt in which another one is hardly worth it...</summary>
    public const long RecentAttempt = 10 * Minute;

    /// <summary>...and the factor on the chance to be chosen meanwhile.</summary>
    public const double RecentAttemptChance = 0.01;

    /// <summary>The factor on the chance to be chosen for each failure since the last success...</summary>
    public const double FailureChance = 0.66;

    /// <summary>
    /// ...counted up to this many: 0.66^8 is 1/28, low enough to prefer others and high enough to come back after an
    /// outage of our own.
    /// </summary>
    public const int MaxChanceFailures = 8;

    /// <summary>
    /// The factor on everyone's chance after each candidate that was passed over, so that a search among bad addresses
    /// ends: from 0.01/28 it takes some 45 candidates until one is certain.
    /// </summary>
    public const double ChanceGrowthPerMiss = 1.2;

    /// <summary>An address heard of as seen within this many seconds (24 hours) counts as online now.</summary>
    public const long OnlineWindow = Day;

    /// <summary>
    /// Seconds by which a report must be newer than what is known to move the time of an address that is online. Small
    /// steps are ignored, so that times spread coarse and tell little about who is connected to whom.
    /// </summary>
    public const long OnlineUpdateInterval = Hour;

    /// <summary>The same for an address that is not online: nothing is urgent about it.</summary>
    public const long OfflineUpdateInterval = Day;

    /// <summary>
    /// Seconds by which our own connection must be newer than the known time to move it. It keeps those who ask us for
    /// addresses from reading off them whom we are connected to.
    /// </summary>
    public const long ConnectedUpdateInterval = 20 * Minute;

    /// <summary>
    /// How many addresses may wait for a place in the tried table that another has. Each costs a test connection, made one
    /// every two minutes: testing ten takes half of <see cref="TestWindow"/>.
    /// </summary>
    public const int MaxTriedCollisions = 10;

    /// <summary>
    /// Seconds (4 hours) for which an answer, or a failed attempt, is taken as the word on whether who has a place in the
    /// tried table is alive.
    /// </summary>
    public const long ReplacementAge = 4 * Hour;

    /// <summary>Seconds that who has the place gets to answer a test before it counts as failed.</summary>
    public const long TestGrace = Minute;

    /// <summary>
    /// Seconds (40 minutes) after which a newcomer takes the place although who has it could not be tested.
    /// </summary>
    public const long TestWindow = 40 * Minute;

    private const long Minute = 60;
    private const long Hour = 60 * Minute;
    private const long Day = 24 * Hour;
}
