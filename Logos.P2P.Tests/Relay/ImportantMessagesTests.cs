using Logos.P2P.Relay;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Relay;

/// <summary>What is kept for those who come later, and in what order they are told of it.</summary>
[NonParallelizable]
internal sealed class ImportantMessagesTests
{
    private static readonly ShortIdKey Key = new(3, 4);
    private static readonly TimeSpan Now = TimeSpan.FromMinutes(1);

    private FramePool _frames = null!;
    private ImportantMessages _messages = null!;

    [SetUp]
    public void SetUp() => (_frames, _messages) = (new FramePool(P2PNetwork.Regtest), new ImportantMessages(Key));

    [TearDown]
    public void TearDown()
    {
        _messages.Clear();
        Assert.That(_frames.UsedFrames, Is.Zero, "Every frame is given back.");
    }

    [Test]
    public void What_is_kept_is_found_and_known_by_its_short_name()
    {
        MessageId id = Keep(1);

        Assert.That(_messages.Contains(id), Is.True);
        Assert.That(_messages.Knows(ShortId.Of(id, Key)), Is.True);
        Assert.That(_messages.TryGet(id, out Frame? frame), Is.True);
        Assert.That(frame!.Id, Is.EqualTo(id));
        frame.Release();
        Assert.That(_messages.Contains(IdOf(2)), Is.False);
    }

    [Test]
    public void Of_those_with_one_key_the_last_is_kept_and_the_names_of_the_others_are_known()
    {
        MessageId first = Keep(1, key: 9), other = Keep(2, key: 8);

        Assert.That(Keep(3, key: 9, out MessageId third), Is.EqualTo(first));

        Assert.That(_messages.Contains(first), Is.False);
        Assert.That(_messages.TryGet(first, out _), Is.False);
        Assert.That(_messages.Knows(ShortId.Of(first, Key)), Is.True, "Nobody is asked for it again.");
        Assert.That(All(), Is.EqualTo(new[] { other, third }));
    }

    [Test]
    public void Messages_without_a_key_replace_nothing()
    {
        MessageId first = Keep(1), second = Keep(2);

        Assert.That(All(), Is.EqualTo(new[] { first, second }));
    }

    [Test]
    public void What_is_kept_already_is_not_kept_twice()
    {
        MessageId id = Keep(1);
        Keep(1);

        Assert.That(All(), Is.EqualTo(new[] { id }));
    }

    [Test]
    public void After_a_day_a_message_is_kept_no_longer()
    {
        MessageId old = Keep(1), young = Keep(2, at: Now + TimeSpan.FromSeconds(1));

        _messages.Expire(Now + NodeDefaults.ImportantMessageAge);

        Assert.That(_messages.Contains(old), Is.False);
        Assert.That(All(), Is.EqualTo(new[] { young }));
    }

    [Test]
    public void The_oldest_goes_when_there_are_too_many_and_so_do_the_names_of_those_long_gone()
    {
        const int count = NodeDefaults.MaxImportantMessages;
        for (int i = 0; i < (2 * count) + 1; i++)
            Keep(i);

        Assert.That(_messages.Memory.Entries, Is.EqualTo(count));
        Assert.That(_messages.IndexMemory.Entries, Is.EqualTo(2 * count));
        Assert.That(_messages.IndexMemory.Bytes, Is.EqualTo(_messages.IndexMemory.Capacity));
        Assert.That(_messages.Contains(IdOf(count)), Is.False);
        Assert.That(_messages.Knows(ShortId.Of(IdOf(count), Key)), Is.True);
        Assert.That(_messages.Knows(ShortId.Of(IdOf(0), Key)), Is.False);
        Assert.That(_messages.Contains(IdOf(count + 1)), Is.True);
    }

    [Test]
    public void What_is_remembered_of_a_message_occupies_no_more_than_is_accounted()
    {
        Frame[] frames =
        [
            .. Enumerable.Range(0, NodeDefaults.MaxImportantMessages).Select(i => _frames.Create(Command.Logos, Payload(i, 100))),
        ];
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int i = 0; i < frames.Length; i++)
            _messages.Keep(frames[i], (ulong)i + 1, Now);

        long bytes = GC.GetTotalMemory(forceFullCollection: true) - before;

        Assert.That(bytes, Is.InRange(_messages.IndexMemory.Bytes / 2, _messages.IndexMemory.Bytes));
        foreach (Frame frame in frames)
            frame.Release();
    }

    [Test]
    [Category("Slow")]
    public void The_oldest_go_when_they_have_too_many_bytes()
    {
        for (int i = 0; i < 10; i++)
            Keep(i, size: 3_000_000);

        Assert.That(_messages.Memory.Bytes, Is.InRange(12_000_000, NodeDefaults.ImportantMessageBytes));
        Assert.That(_messages.Contains(IdOf(0, 3_000_000)), Is.False);
        Assert.That(_messages.Contains(IdOf(9, 3_000_000)), Is.True);
    }

    [Test]
    public void Somebody_is_told_of_them_in_their_order_in_parts_and_of_none_that_came_after_him()
    {
        MessageId[] ids = [.. Enumerable.Range(0, 5).Select(i => Keep(i))];
        long told = 0, last = _messages.LastNumber;
        Keep(5);
        var batch = new MessageId[2];

        var heard = new List<MessageId>();
        while (told < last)
            heard.AddRange(batch.AsSpan(0, _messages.Take(ref told, last, batch, long.MaxValue)));

        Assert.That(heard, Is.EqualTo(ids));
    }

    [Test]
    public void A_part_has_no_more_bytes_than_allowed_unless_it_is_one_message()
    {
        MessageId[] ids = [Keep(0, size: 500), Keep(1, size: 400), Keep(2, size: 100), Keep(3, size: 5000)];
        long told = 0;
        var batch = new MessageId[10];
        var parts = new List<int>();
        while (told < _messages.LastNumber)
            parts.Add(_messages.Take(ref told, _messages.LastNumber, batch, 1000));

        Assert.That(parts, Is.EqualTo(new[] { 2, 1, 1 }), $"{ids.Length} messages with headers of 24 bytes.");
    }

    [Test]
    public void What_was_removed_is_not_told_of()
    {
        MessageId first = Keep(1), second = Keep(2);

        Assert.That(_messages.Remove(first, out _), Is.True);
        Assert.That(_messages.Remove(first, out _), Is.False);
        Assert.That(All(), Is.EqualTo(new[] { second }));
    }

    private static byte[] Payload(int number, int size)
    {
        byte[] payload = new byte[size];
        BitConverter.TryWriteBytes(payload, number);
        return payload;
    }

    private static MessageId IdOf(int number, int size = 100) => MessageId.Compute(Payload(number, size));

    private MessageId[] All()
    {
        long told = 0;
        var batch = new MessageId[10];
        return batch[.._messages.Take(ref told, _messages.LastNumber, batch, long.MaxValue)];
    }

    private MessageId Keep(int number, ulong key = 0, TimeSpan? at = null, int size = 100)
    {
        Keep(number, key, out MessageId id, at, size);
        return id;
    }

    private MessageId? Keep(int number, ulong key, out MessageId id, TimeSpan? at = null, int size = 100)
    {
        Frame frame = _frames.Create(Command.Logos, Payload(number, size));
        id = frame.Id;
        MessageId? replaced = _messages.Keep(frame, key, at ?? Now);
        frame.Release();
        return replaced;
    }
}
