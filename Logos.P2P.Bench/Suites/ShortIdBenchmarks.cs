using System.Buffers.Binary;
using BenchmarkDotNet.Attributes;
using Logos.P2P.Relay;
using Logos.P2P.Wire;

namespace Logos.P2P.Bench.Suites;

/// <summary>What it costs to find 1,500 messages by short ids among so many that are kept.</summary>
[MemoryDiagnoser, MinColumn, MedianColumn]
public class ShortIdBenchmarks
{
    private const int Named = 1500;

    private static readonly ShortIdKey KnownKey = new(1, 2);

    private readonly FramePool _pool = new(P2PNetwork.Regtest);
    private readonly NodeClock _clock = new(TimeProvider.System);
    private MessageId[] _named = [];
    private MessageStore _store = null!;
    private ShortIdTable _known = null!;
    private ShortIdLookup _lookup = null!;
    private ulong _nextKey;

    /// <summary>Kept messages. The store of a node has room for 65,536 of the smallest.</summary>
    [Params(10_000, 100_000)]
    public int Kept { get; set; }

    /// <summary>Fills the store.</summary>
    [GlobalSetup]
    public void Fill()
    {
        _store = new MessageStore(long.MaxValue, TimeSpan.FromDays(1));
        var ids = new List<MessageId>();
        Span<byte> payload = stackalloc byte[sizeof(int)];
        for (int i = 0; i < Kept; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(payload, i);
            Frame frame = _pool.Create(Command.Logos, payload);
            _store.Add(frame, _clock.Now);
            ids.Add(frame.Id);
            frame.Release();
        }

        _named = [.. ids.Take(Named)];
        _lookup = new ShortIdLookup(_store, _clock);
        _known = new ShortIdTable(KnownKey, _clock.Now);
        _known.Fill(_store);
    }

    /// <summary>Under a key that was not asked with before: a pass over all that is kept.</summary>
    [Benchmark]
    public object NewKey()
    {
        var key = new ShortIdKey(_nextKey++, 0);
        return _lookup.Resolve([.. _named.Select(id => ShortId.Of(id, key))], key);
    }

    /// <summary>Under a key that has its table.</summary>
    [Benchmark]
    public int KnownTable()
    {
        var found = new List<MessageId>();
        int count = 0;
        foreach (ref readonly MessageId id in _named.AsSpan())
        {
            _lookup.Find(_known, ShortId.Of(id, KnownKey), found);
            count += found.Count;
        }

        return count;
    }
}
