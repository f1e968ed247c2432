using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using Logos.P2P.Relay;
using Logos.P2P.Wire;

namespace Logos.P2P.Bench.Suites;

/// <summary>What it costs to know whether a message was seen, when as many are remembered as a node remembers.</summary>
[MemoryDiagnoser, MinColumn]
public class SeenMessagesBenchmarks
{
    /// <summary>Ids looked up in turn: more than any cache remembers of the set.</summary>
    private const int Prepared = 1 << 20;

    private readonly MessageId[] _seen = new MessageId[Prepared];
    private readonly MessageId[] _unseen = new MessageId[Prepared];
    private readonly SeenMessages _messages = new(NodeDefaults.SeenMessages, new Random(1));
    private readonly Random _random = new(2);
    private readonly byte[] _bytes = new byte[MessageId.Size];
    private ulong _next;

    /// <summary>Fills the set.</summary>
    [GlobalSetup]
    public void Fill()
    {
        for (int i = 0; i < NodeDefaults.SeenMessages; i++)
            _messages.TryAdd(_seen[i % Prepared] = Draw());
        for (int i = 0; i < Prepared; i++)
            _unseen[i] = Draw();
        _random.NextBytes(_bytes);
    }

    /// <summary>A message that is new: for each, an old one is forgotten.</summary>
    [Benchmark]
    public bool AddNew()
    {
        MemoryMarshal.Write(_bytes, _next++);
        return _messages.TryAdd(new MessageId(_bytes));
    }

    /// <summary>A copy of one that was seen; of more than one in the long run, of one that was forgotten.</summary>
    [Benchmark]
    public bool AddSeen() => _messages.TryAdd(_seen[_next++ % Prepared]);

    /// <summary>Whether one was seen that was not.</summary>
    [Benchmark]
    public bool ContainsUnseen() => _messages.Contains(_unseen[_next++ % Prepared]);

    private MessageId Draw()
    {
        _random.NextBytes(_bytes);
        return new MessageId(_bytes);
    }
}
