namespace Logos.P2P.Node.Logs;

/// <summary>What becomes of a line.</summary>
internal enum LogDecision
{
    /// <summary>It is written.</summary>
    Write,

    /// <summary>It is written, and the next ones of its kind are not.</summary>
    WriteLast,

    /// <summary>It is left out.</summary>
    LeaveOut,
}

/// <summary>
/// Keeps strangers from filling a disk with what they make a node log: of each kind of event, so much an hour. Bitcoin Core's
/// numbers. Guards itself.
/// </summary>
/// <typeparam name="TKind">How kinds are told apart. There are few: one for each place in the code.</typeparam>
internal sealed class LogLimit<TKind>(TimeProvider timeProvider)
    where TKind : notnull
{
    /// <summary>Bytes of a kind in an hour: some 10,000 lines.</summary>
    public const int BytesPerWindow = 1_048_576;

    /// <summary>The hour.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<TKind, Account> _accounts = [];

    /// <summary>Decides on a line.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="bytes">Its length.</param>
    /// <param name="missed">Lines of its kind that were left out in an hour that is over, not told before.</param>
    public LogDecision Judge(TKind kind, int bytes, out long missed)
    {
        DateTimeOffset now = timeProvider.GetUtcNow();
        lock (_gate)
        {
            missed = 0;
            if (!_accounts.TryGetValue(kind, out Account account) || now - account.Start >= Window || now < account.Start)
            {
                missed = account.LeftOut;
                account = new Account(now, 0, 0);
            }

            bool isFull = account.Bytes >= BytesPerWindow;
            account = isFull
                ? account with { LeftOut = account.LeftOut + 1 }
                : account with { Bytes = account.Bytes + bytes };
            _accounts[kind] = account;
            return isFull ? LogDecision.LeaveOut
                : account.Bytes >= BytesPerWindow ? LogDecision.WriteLast
                : LogDecision.Write;
        }
    }

    private readonly record struct Account(DateTimeOffset Start, long Bytes, long LeftOut);
}
