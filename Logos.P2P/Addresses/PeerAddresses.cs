using System.Numerics;
using System.Runtime.CompilerServices;
using Logos.P2P.Access;
using Logos.P2P.Wire;

namespace Logos.P2P.Addresses;

/// <summary>
/// What address gossip remembers about one peer: what it knows, what waits to be told, and how much it may still tell
/// us. Guards itself.
/// </summary>
/// <param name="now">When the peer was met.</param>
/// <param name="key">Of what it knows; nobody else is to know it.</param>
internal sealed class PeerAddresses(TimeSpan now, ulong key)
{
    /// <summary>Bytes that it occupies at most, besides its object.</summary>
    public static readonly int MaxBytes =
        KnownAddresses.MaxBytes + ((int)BitOperations.RoundUpToPowerOf2(WireLimits.MaxAddresses) * Unsafe.SizeOf<TimedAddress>());

    /// <summary>Addresses a peer may send each second in the long run; bursts up to an answer's worth. Bitcoin Core.</summary>
    private const double AddressesPerSecond = 0.1;
    private const double AddressBurst = WireLimits.MaxAddresses;

    private readonly Lock _gate = new();
    private List<TimedAddress> _waiting = [];
    private TokenBucket _allowance = new(AddressesPerSecond, AddressBurst, initial: 1, now);
    private KnownAddresses? _known;
    private TimeSpan _selfAdvertisementWait;
    private volatile bool _isOpen;
    private int _told;
    private int _limited;
    private bool _isAnswered;
    private bool _isAnswerPending;

    /// <summary>When the waiting addresses are to be sent: never, until the handshake is complete.</summary>
    public TimeSpan NextFlush { get; set; } = TimeSpan.MaxValue;

    /// <summary>When our own address is to be told again: never, until it was told once.</summary>
    public TimeSpan NextSelfAdvertisement { get; set; } = TimeSpan.MaxValue;

    /// <summary>When there is something to do for it again.</summary>
    public TimeSpan NextDue => NextFlush < NextSelfAdvertisement ? NextFlush : NextSelfAdvertisement;

    /// <summary>The mean wait before our own address is told again: longer each time.</summary>
    public TimeSpan NextSelfAdvertisementWait(NetworkPolicy policy)
    {
        TimeSpan next = _selfAdvertisementWait == TimeSpan.Zero
            ? policy.SelfAdvertisementFirst
            : _selfAdvertisementWait * 2;
        _selfAdvertisementWait = next < NetworkPolicy.SelfAdvertisementMean ? next : NetworkPolicy.SelfAdvertisementMean;
        return _selfAdvertisementWait;
    }

    /// <summary>Notes that we asked the peer for addresses, and lets it send an answer's worth.</summary>
    public void Asked()
    {
        lock (_gate)
        {
            _isAnswerPending = true;
            _allowance.Grant(AddressBurst);
        }
    }

    /// <summary>
    /// Whether a list is the answer to our question. Answers are stored, not passed on: they are old news, and a
    /// thousand at a time.
    /// </summary>
    public bool TakeAnswer()
    {
        lock (_gate)
        {
            bool isAnswer = _isAnswerPending;
            _isAnswerPending = false;
            return isAnswer;
        }
    }

    /// <summary>Counts addresses that the peer told, and says how many they are by now.</summary>
    public int CountTold(int addresses)
    {
        lock (_gate)
            return _told += addresses;
    }

    /// <summary>How many addresses that the peer told were looked at, and how many not since they were too many.</summary>
    public (int Taken, int Limited) Counts
    {
        get
        {
            lock (_gate)
                return (Math.Max(0, _told - _limited), _limited);
        }
    }

    /// <summary>Bytes that it occupies besides its object.</summary>
    public int Bytes
    {
        get
        {
            lock (_gate)
                return (_known?.Bytes ?? 0) + (_waiting.Capacity * Unsafe.SizeOf<TimedAddress>());
        }
    }

    /// <summary>Whether the peer is told addresses.</summary>
    public bool IsOpen => _isOpen;

    /// <summary>Begins to tell the peer addresses.</summary>
    /// <returns>False when that has begun before.</returns>
    public bool TryOpen()
    {
        lock (_gate)
        {
            bool isFirst = !_isOpen;
            _isOpen = true;
            return isFirst;
        }
    }

    /// <summary>Whether the peer's question is its first.</summary>
    public bool TryAnswer()
    {
        lock (_gate)
        {
            bool isFirst = !_isAnswered;
            _isAnswered = true;
            return isFirst;
        }
    }

    /// <summary>Whether the peer may send one more address.</summary>
    public bool TryTakeAllowance(TimeSpan time)
    {
        lock (_gate)
        {
            bool isTaken = _allowance.TryTake(time);
            _limited += isTaken ? 0 : 1;
            return isTaken;
        }
    }

    /// <summary>Notes that the peer knows an address.</summary>
    public void MarkKnown(in NetEndpoint endpoint)
    {
        lock (_gate)
            AddKnown(endpoint);
    }

    /// <summary>Forgets which addresses the peer knows. To be called about once a day.</summary>
    public void ForgetKnown()
    {
        lock (_gate)
            _known = null;
    }

    /// <summary>
    /// Queues an address for the peer unless it knows it. When a thousand wait, a random one gives way, so that nobody can
    /// push out a particular one.
    /// </summary>
    public void Enqueue(in TimedAddress address, RandomSource random)
    {
        lock (_gate)
        {
            if (_known?.Contains(address.Endpoint) == true)
                return;
            if (_waiting.Count < WireLimits.MaxAddresses)
                _waiting.Add(address);
            else
                _waiting[(int)(random.NextUInt64() % WireLimits.MaxAddresses)] = address;
        }
    }

    /// <summary>Takes what waits, marks it known and leaves the queue empty.</summary>
    public TimedAddress[] TakeWaiting()
    {
        lock (_gate)
        {
            TimedAddress[] taken = [.. _waiting.Where(address => AddKnown(address.Endpoint))];
            _waiting = [];
            return taken;
        }
    }

    /// <returns>False when it was known.</returns>
    private bool AddKnown(in NetEndpoint endpoint) => (_known ??= new KnownAddresses(key)).TryAdd(endpoint);
}
