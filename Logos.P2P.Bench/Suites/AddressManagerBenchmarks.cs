using BenchmarkDotNet.Attributes;
using Logos.P2P.AddrMan;
using Logos.P2P.Wire;

namespace Logos.P2P.Bench.Suites;

/// <summary>What one operation on a full address book costs. Goals: adding below 2 us, selecting below 1 us.</summary>
[MemoryDiagnoser, MinColumn, MedianColumn]
public class AddressManagerBenchmarks
{
    /// <summary>Addresses told in turn: enough that caches do not remember them, few enough to be prepared.</summary>
    private const int Prepared = 1 << 16;

    /// <summary>Fifteen addresses for each place leave hardly any free: one of e^15.</summary>
    private const int FloodOfNew = 15 * AddrManParameters.NewBucketCount * AddrManParameters.BucketSize;
    private const int FloodOfTried = 15 * AddrManParameters.TriedBucketCount * AddrManParameters.BucketSize;

    private const long SecondsOfDay = 24 * 60 * 60;

    private static readonly TimeSpan Penalty = TimeSpan.FromHours(2);

    private readonly AddressFlood _flood = new();
    private readonly TimedAddress[] _unknown = new TimedAddress[Prepared];
    private readonly NetAddress[] _sources = new NetAddress[Prepared];
    private AddressManager _book = null!;
    private TimedAddress[] _known = null!;
    private int _next;

    /// <summary>Fills both tables.</summary>
    [GlobalSetup]
    public void Fill()
    {
        _book = _flood.NewBook();
        for (int i = 0; i < FloodOfTried; i++)
        {
            TimedAddress address = _flood.DrawAddress();
            _book.Add([address], _flood.DrawSource());
            // Yesterday: whoever was tried in the last ten minutes is hardly ever selected, and then costs another draw.
            _book.Good(address.Endpoint, address.Time - SecondsOfDay);
        }

        for (int i = 0; i < FloodOfNew; i++)
            _book.Add([_flood.DrawAddress()], _flood.DrawSource());

        for (int i = 0; i < Prepared; i++)
        {
            _unknown[i] = _flood.DrawAddress();
            _sources[i] = _flood.DrawSource();
        }

        _known = [.. _book.Snapshot().Select(entry => entry.Address)];
        new Random(3).Shuffle(_known);
        Console.WriteLine($"// {_book.NewCount} new addresses, {_book.TriedCount} tried ones.");
    }

    /// <summary>An address that the book does not have.</summary>
    [Benchmark]
    public int AddUnknown()
    {
        int i = _next++ % Prepared;
        return _book.Add([_unknown[i]], _sources[i], Penalty);
    }

    /// <summary>An address that the book has, told by somebody else.</summary>
    [Benchmark]
    public int AddKnown()
    {
        int i = _next++;
        return _book.Add([_known[i % _known.Length]], _sources[i % Prepared], Penalty);
    }

    /// <summary>Whom to dial.</summary>
    [Benchmark]
    public Candidate? Select() => _book.Select();

    /// <summary>Whom a feeler is to try.</summary>
    [Benchmark]
    public Candidate? SelectNew() => _book.Select(newOnly: true);

    /// <summary>An answer to `getaddr`, made once a day for each of our own addresses: a thousand addresses.</summary>
    [Benchmark]
    public int GetAddresses() => _book.GetAddresses(WireLimits.MaxAddresses, percent: 23).Length;
}
