using Logos.P2P.Diagnostics;

namespace Logos.P2P.Access;

/// <summary>
/// Bitcoin Core's -maxuploadtarget: when so much was sent in a day, what peers ask for is refused until the next. New
/// messages go on, so it is a target and not a limit.
/// </summary>
/// <param name="bytesPerDay">Bytes sent, of all kinds; 0 for no target.</param>
/// <param name="traffic">What was sent by the node.</param>
/// <param name="clock">When the day is over.</param>
internal sealed class UploadTarget(long bytesPerDay, TrafficCounters traffic, NodeClock clock)
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private TimeSpan _start = clock.Now;
    private long _sentBefore = traffic.TotalBytesSent;

    /// <summary>What there is to say of it.</summary>
    public UploadTargetInfo Info
    {
        get
        {
            bool isReached = IsReached;
            lock (_gate)
            {
                long left = Math.Max(0, bytesPerDay - (traffic.TotalBytesSent - _sentBefore));
                return new UploadTargetInfo(bytesPerDay, isReached, left, bytesPerDay == 0 ? TimeSpan.Zero : Day - (clock.Now - _start));
            }
        }
    }

    public bool IsReached
    {
        get
        {
            if (bytesPerDay == 0)
                return false;
            TimeSpan now = clock.Now;
            lock (_gate)
            {
                if (now - _start >= Day)
                    (_start, _sentBefore) = (now, traffic.TotalBytesSent);
                return traffic.TotalBytesSent - _sentBefore >= bytesPerDay;
            }
        }
    }
}
