using Logos.P2P.Wire;

namespace Logos.P2P.Fuzz.Targets;

/// <summary>The messages that conversations are about: small ones with every verdict, and large ones that travel in chunks.</summary>
internal sealed class ConversationMessages
{
    /// <summary>Small messages come first.</summary>
    public const int FirstLarge = 12;

    /// <summary>Chunks of a large message.</summary>
    public const int ChunkCount = 9;

    private const int LargeCount = 4;
    private const int LargeSize = 140_000;

    private static readonly byte[] Endings = [0, 0xC0, 0xB0];

    private readonly byte[][] _messages;
    private readonly MessageId[] _ids;
    private readonly ChunkList[] _lists;
    private readonly MessageId[] _listIds;

    public ConversationMessages()
    {
        _messages =
        [
            .. Enumerable.Range(0, FirstLarge).Select(i => new byte[] { (byte)(1 + (i % 3)), (byte)(i / 3), 7, Endings[i % Endings.Length] }),
            .. Enumerable.Range(0, LargeCount).Select(MakeLarge),
        ];
        _ids = [.. _messages.Select(message => MessageId.Compute(message))];
        _lists = [.. Enumerable.Range(FirstLarge, LargeCount).Select(i => ChunkList.Of(_messages[i], _ids[i]))];
        _listIds = [.. _lists.Select(IdOf)];
    }

    public byte[] At(int index) => _messages[index % _messages.Length];

    public MessageId IdAt(int index) => _ids[index % _ids.Length];

    public ChunkList ListAt(int index) => _lists[index % _lists.Length];

    /// <summary>The hash of a list, which its names follow from.</summary>
    public MessageId ListIdAt(int index) => _listIds[index % _listIds.Length];

    public byte[] ChunkAt(int list, int index) =>
        _messages[FirstLarge + (list % LargeCount)][ListAt(list).RangeOf(index % ListAt(list).Count)];

    /// <summary>The first byte of a large message is the verdict on its beginning; see <see cref="World.ScriptedLayer"/>.</summary>
    private static byte[] MakeLarge(int index)
    {
        byte[] message = new byte[LargeSize];
        new Random(index).NextBytes(message);
        message[0] = Endings[index % Endings.Length];
        message[^1] = index == LargeCount - 1 ? (byte)0xB0 : (byte)0;
        return message;
    }

    private static MessageId IdOf(ChunkList list)
    {
        byte[] payload = new byte[list.Size];
        list.Write(payload);
        return MessageId.Compute(payload);
    }
}
