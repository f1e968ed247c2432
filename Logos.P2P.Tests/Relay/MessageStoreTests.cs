using System.Buffers.Binary;
using Logos.P2P.Relay;
using Logos.P2P.Tests.Transport;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Relay;

[NonParallelizable]
internal sealed class MessageStoreTests
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Now = TimeSpan.FromHours(1);

    private readonly FramePool _pool = new(P2PNetwork.Regtest);

    [Test]
    public void A_kept_message_is_the_frame_that_arrived()
    {
        var store = new MessageStore(1_000_000, MaxAge);
        Frame frame = Frame(1);
        store.Add(frame, Now);

        Assert.That(store.TryGet(frame.Id, Now, out Frame? found), Is.True);
        Assert.That(found, Is.SameAs(frame));
        Assert.That(store.Bytes, Is.EqualTo(frame.Capacity));
    }

    [Test]
    public void A_message_that_was_never_added_is_not_found()
    {
        var store = new MessageStore(1_000_000, MaxAge);

        Assert.That(store.TryGet(MessageId.Empty, Now, out _), Is.False);
    }

    [Test]
    public void A_message_is_kept_for_its_time_and_no_longer()
    {
        var store = new MessageStore(1_000_000, MaxAge);
        Frame frame = Frame(1);
        store.Add(frame, Now);

        Assert.That(store.TryGet(frame.Id, Now + MaxAge - TimeSpan.FromTicks(1), out _), Is.True);
        Assert.That(store.TryGet(frame.Id, Now + MaxAge, out _), Is.False);
    }

    [Test]
    public void An_idle_store_gives_its_memory_back_when_the_time_comes()
    {
        var store = new MessageStore(1_000_000, MaxAge);
        Frame[] frames = [.. Enumerable.Range(0, 100).Select(Frame)];
        foreach (Frame frame in frames)
            store.Add(frame, Now);

        store.Expire(Now + MaxAge);

        Assert.That(store.Bytes, Is.Zero);
        Assert.That(frames.Select(_pool.ReturnsOnRelease), Is.All.True);
    }

    [Test]
    public void Memory_is_bounded_by_buffers_and_the_oldest_go_first()
    {
        const int maxBytes = 64 * 1024;
        var store = new MessageStore(maxBytes, MaxAge);
        Frame[] frames = [.. Enumerable.Range(0, 2000).Select(Frame)];
        foreach (Frame frame in frames)
        {
            store.Add(frame, Now);
            Assert.That(store.Bytes, Is.LessThanOrEqualTo(maxBytes));
        }

        bool[] isKept = [.. frames.Select(frame => store.TryGet(frame.Id, Now, out _))];
        Assert.That(isKept[^1], Is.True);
        Assert.That(isKept.Take(1000), Is.All.False);
        Assert.That(isKept.Count(kept => kept), Is.EqualTo(store.Bytes / frames[0].Capacity));
    }

    [Test]
    public void What_is_taken_out_before_its_time_leaves_nothing_behind()
    {
        var store = new MessageStore(1_000_000, MaxAge);
        Frame frame = Frame(1);
        long before = GC.GetTotalMemory(forceFullCollection: true);

        for (int i = 0; i < 100_000; i++)
        {
            store.Add(frame, Now);
            store.Remove(frame.Id, out _);
        }

        Assert.That(GC.GetTotalMemory(forceFullCollection: true) - before, Is.LessThan(100_000));
        store.Add(frame, Now + (MaxAge / 2));
        Assert.That(store.TryGet(frame.Id, Now + MaxAge, out _), Is.True, "Its time begins anew.");
        GC.KeepAlive(store);
    }

    [Test]
    [Category("Slow")]
    public void There_is_room_for_a_message_of_the_largest_kind()
    {
        var store = new MessageStore(NodeDefaults.MessageStoreBytes, MaxAge);
        for (byte i = 0; i < 20; i++)
        {
            byte[] payload = new byte[WireLimits.MaxPayload];
            payload[0] = i;
            Frame frame = _pool.Create(Command.Logos, payload);
            store.Add(frame, Now);
            Assert.That(store.TryGet(frame.Id, Now, out Frame? found), Is.True);
            found!.Release();
            frame.Release();
            Assert.That(store.Bytes, Is.LessThanOrEqualTo(NodeDefaults.MessageStoreBytes));
        }
    }

    [Test]
    public void Every_reference_is_given_back_whatever_happens_to_a_message()
    {
        var store = new MessageStore(16 * 1024, MaxAge);
        Frame[] frames = [.. Enumerable.Range(0, 200).Select(Frame)];
        for (int i = 0; i < frames.Length; i++)
        {
            store.Add(frames[i], Now + TimeSpan.FromSeconds(i));
            store.Add(frames[i], Now + TimeSpan.FromSeconds(i));
            if (store.TryGet(frames[i / 2].Id, Now + TimeSpan.FromSeconds(i), out Frame? found))
                found.Release();
        }

        store.Clear();

        Assert.That(store.Bytes, Is.Zero);
        Assert.That(frames.Select(_pool.ReturnsOnRelease), Is.All.True);
    }

    [Test]
    public void A_message_found_outlives_the_store()
    {
        var store = new MessageStore(16 * 1024, MaxAge);
        Frame frame = Frame(1);
        store.Add(frame, Now);
        store.TryGet(frame.Id, Now, out Frame? found);
        store.Clear();

        Assert.That(_pool.ReturnsOnRelease(frame), Is.False);
        Assert.That(_pool.ReturnsOnRelease(found!), Is.True);
    }

    [Test]
    public void A_message_added_twice_is_kept_once_and_pushes_nothing_out()
    {
        var store = new MessageStore(8 * 512, MaxAge);
        Frame frame = Frame(1);
        for (int i = 0; i < 10; i++)
            store.Add(frame, Now);

        Assert.That(store.Bytes, Is.EqualTo(frame.Capacity));
        Assert.That(store.TryGet(frame.Id, Now, out _), Is.True);
    }

    [Test]
    public void Many_threads_can_use_it()
    {
        var store = new MessageStore(64 * 1024, MaxAge);
        Frame[] frames = [.. Enumerable.Range(0, 8000).Select(Frame)];
        Parallel.For(0, frames.Length, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
        {
            store.Add(frames[i], Now + TimeSpan.FromSeconds(i));
            if (store.TryGet(frames[i - (i % 10)].Id, Now + TimeSpan.FromSeconds(i), out Frame? found))
                found.Release();
            if (i % 100 == 0)
                store.Expire(Now + TimeSpan.FromSeconds(i));
        });
        store.Clear();

        Assert.That(store.Bytes, Is.Zero);
        Assert.That(frames.Select(_pool.ReturnsOnRelease), Is.All.True);
    }

    private Frame Frame(int number)
    {
        byte[] payload = new byte[100];
        BinaryPrimitives.WriteInt32LittleEndian(payload, number);
        return _pool.Create(Command.Logos, payload);
    }
}
