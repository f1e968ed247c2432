using Logos.P2P.Relay;
using Logos.P2P.Tests.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Relay;

internal sealed class HashIndexTests
{
    private HashIndex _index = null!;

    [SetUp]
    public void Begin() => _index = new HashIndex();

    [Test]
    public void It_holds_what_a_list_of_pairs_would_hold()
    {
        var random = new TestRandom(20);
        var pairs = new List<(uint Hash, int Number)>();
        for (int i = 0; i < 20_000; i++)
        {
            // Few hashes at one end of the table, so that many fall together and run over it.
            uint hash = uint.MaxValue - (uint)random.Below(300);
            if (pairs.Count > 0 && random.OneIn(pairs.Count > 200 ? 1 : 3))
            {
                (uint Hash, int Number) pair = random.Pick(pairs);
                pairs.Remove(pair);
                _index.Remove(pair.Hash, pair.Number);
            }
            else
            {
                pairs.Add((hash, i));
                _index.Add(hash, i);
            }

            uint asked = uint.MaxValue - (uint)random.Below(300);
            Assert.That(Find(asked), Is.EquivalentTo(pairs.Where(pair => pair.Hash == asked).Select(pair => pair.Number)));
            Assert.That(_index.Count, Is.EqualTo(pairs.Count));
        }
    }

    [Test]
    public void It_grows_and_is_emptied()
    {
        for (int i = 0; i < 10_000; i++)
            _index.Add((uint)i * 2_654_435_761, i);

        for (int i = 0; i < 10_000; i++)
            Assert.That(Find((uint)i * 2_654_435_761), Is.EqualTo(new[] { i }));
        _index.Clear();
        Assert.That(Find(0), Is.Empty);
        Assert.That(_index.Count, Is.Zero);
    }

    [Test]
    public void What_will_be_needed_may_be_fetched_before_without_any_effect()
    {
        _index.Add(uint.MaxValue, 7);

        _index.Prefetch(uint.MaxValue);
        _index.Prefetch(0);

        Assert.That(Find(uint.MaxValue), Is.EqualTo(new[] { 7 }));
    }

    private List<int> Find(uint hash)
    {
        var numbers = new List<int>();
        int probes = 0;
        while (_index.TryFind(hash, ref probes, out int number))
            numbers.Add(number);
        return numbers;
    }
}
