using Logos.P2P.Wire;

namespace Logos.P2P.Access;

/// <summary>The operator's bans. Each ends by itself. Guards itself.</summary>
internal sealed class BanList(TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Subnet, Ban> _bans = [];

    /// <summary>The sizes of subnets that are banned: for an address it is enough to look up one subnet of each.</summary>
    private readonly HashSet<(NetworkId Network, int PrefixLength)> _sizes = [];

    private DateTimeOffset _nextEnd = DateTimeOffset.MaxValue;
    private bool _hasChanges;

    /// <summary>Bans until a time, from which the parts of a second are dropped.</summary>
    /// <exception cref="ArgumentException">Nobody is named.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The time is past.</exception>
    public BanResult Add(Subnet hosts, DateTimeOffset until) => Add(hosts, Now(), until);

    /// <summary>Bans for a while. What would end after all times ends at the end of time.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less than a second.</exception>
    public BanResult Add(Subnet hosts, TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.FromSeconds(1));
        DateTimeOffset now = Now();
        return Add(hosts, now, duration < DateTimeOffset.MaxValue - now ? now + duration : DateTimeOffset.MaxValue);
    }

    /// <summary>
    /// Takes over bans that were stored, besides those that there are. Those that are over and those above the bound are left out.
    /// </summary>
    public void Restore(IEnumerable<Ban> bans)
    {
        lock (_gate)
        {
            // What is stored lacks those.
            _hasChanges |= _bans.Count > 0;
            foreach (Ban ban in bans)
            {
                if (_bans.Count < NodeDefaults.MaxBans || _bans.ContainsKey(ban.Hosts))
                    Put(ban);
            }

            Sweep(Now());
        }
    }

    /// <summary>Lifts a ban.</summary>
    /// <returns>False when there is none of exactly these hosts.</returns>
    public bool Remove(Subnet hosts)
    {
        lock (_gate)
        {
            Sweep(Now());
            if (!_bans.Remove(hosts))
                return false;
            Removed();
            return true;
        }
    }

    /// <summary>Lifts all bans.</summary>
    /// <returns>How many there were.</returns>
    public int Clear()
    {
        lock (_gate)
        {
            Sweep(Now());
            int count = _bans.Count;
            _bans.Clear();
            if (count > 0)
                Removed();
            return count;
        }
    }

    /// <summary>The bans, those that end first first.</summary>
    public IReadOnlyList<Ban> Snapshot()
    {
        lock (_gate)
        {
            Sweep(Now());
            return [.. _bans.Values.OrderBy(ban => ban.Until)];
        }
    }

    /// <summary>Whether a host is banned.</summary>
    public bool Contains(in NetAddress address)
    {
        lock (_gate)
        {
            if (_bans.Count == 0)
                return false;
            Sweep(Now());
            return IsCovered(address);
        }
    }

    /// <summary>Drops the bans that are over.</summary>
    public void Sweep()
    {
        lock (_gate)
            Sweep(Now());
    }

    /// <summary>Whether they changed since they were last taken.</summary>
    public bool HasChanges
    {
        get
        {
            lock (_gate)
                return _hasChanges;
        }
    }

    /// <summary>The bans if they changed since they were last taken; null if not.</summary>
    public IReadOnlyList<Ban>? TakeChanges()
    {
        lock (_gate)
        {
            if (!_hasChanges)
                return null;
            _hasChanges = false;
            return [.. _bans.Values];
        }
    }

    /// <summary>What was taken could not be written: it is to be taken again.</summary>
    public void ReturnChanges()
    {
        lock (_gate)
            _hasChanges = true;
    }

    /// <param name="hosts">Who.</param>
    /// <param name="now">The time, read once: a second that ends meanwhile would be missing from the ban.</param>
    /// <param name="until">Until when.</param>
    private BanResult Add(Subnet hosts, DateTimeOffset now, DateTimeOffset until)
    {
        if (hosts.Network == NetworkId.None)
            throw new ArgumentException("A ban must name a host or subnet.", nameof(hosts));
        until = WholeSeconds(until);
        if (until <= now)
            throw new ArgumentOutOfRangeException(nameof(until), until, "A ban must end in the future.");
        lock (_gate)
        {
            Sweep(now);
            if (_bans.ContainsKey(hosts) || (hosts.IsSingle && IsCovered(hosts.First)))
                return BanResult.AlreadyBanned;
            if (_bans.Count >= NodeDefaults.MaxBans)
                return BanResult.ListFull;
            Put(new Ban(hosts, now, until));
            _hasChanges = true;
            return BanResult.Added;
        }
    }

    private static DateTimeOffset WholeSeconds(DateTimeOffset time) =>
        DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());

    private DateTimeOffset Now() => WholeSeconds(clock.GetUtcNow());

    private bool IsCovered(in NetAddress address)
    {
        foreach ((NetworkId network, int prefixLength) in _sizes)
        {
            if (Subnet.TryCreate(address, prefixLength, out Subnet around)
                && around.Network == network
                && _bans.ContainsKey(around))
            {
                return true;
            }
        }

        return false;
    }

    private void Put(Ban ban)
    {
        _bans[ban.Hosts] = ban;
        _sizes.Add((ban.Hosts.Network, ban.Hosts.PrefixLength));
        if (ban.Until < _nextEnd)
            _nextEnd = ban.Until;
    }

    private void Sweep(DateTimeOffset now)
    {
        if (now < _nextEnd)
            return;
        foreach (Ban ban in _bans.Values.Where(ban => ban.Until <= now).ToArray())
            _bans.Remove(ban.Hosts);
        Removed();
    }

    private void Removed()
    {
        _sizes.Clear();
        _sizes.UnionWith(_bans.Keys.Select(hosts => (hosts.Network, hosts.PrefixLength)));
        _nextEnd = _bans.Count == 0 ? DateTimeOffset.MaxValue : _bans.Values.Min(ban => ban.Until);
        _hasChanges = true;
    }
}
