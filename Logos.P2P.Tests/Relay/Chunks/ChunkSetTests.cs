using Logos.P2P.Relay.Chunks;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Relay.Chunks;

/// <summary>Sets of chunks.</summary>
internal sealed class ChunkSetTests
{
    [Test]
    public void Every_index_that_a_list_can_have_is_kept_apart()
    {
        for (int i = 0; i < ChunkList.MaxCount; i++)
        {
            var set = default(ChunkSet);
            set.Add(i);
            Assert.That(Enumerable.Range(0, ChunkList.MaxCount).Where(index => set.Has(index)), Is.EqualTo(new[] { i }));
            set.Remove(i);
            Assert.That(set.Count, Is.Zero);
        }
    }

    [Test]
    public void One_set_without_another_is_what_the_other_lacks()
    {
        ChunkSet all = default, some = default;
        all.AddAll(5);
        some.Add(1);
        some.Add(3);
        some.Add(200);

        Assert.That(all.Count, Is.EqualTo(5));
        Assert.That(all.Without(some), Is.EqualTo(new byte[] { 0, 2, 4 }));
        Assert.That(some.Without(all), Is.EqualTo(new byte[] { 200 }));
        Assert.That(all.Without(all), Is.Empty);
    }
}
