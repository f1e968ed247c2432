using Logos.P2P.Wire;

namespace Logos.P2P.Fuzz.Model;

/// <summary>The messages of a conversation, by number.</summary>
internal static class ModelMessages
{
    /// <summary>More than any conversation has.</summary>
    private const int Count = 4096;

    private const byte ConsumeByte = 0xC0, RejectByte = 0xB0;

    private static readonly byte[][] Bytes = [.. Enumerable.Range(0, Count).Select(Make)];
    private static readonly MessageId[] Ids = [.. Bytes.Select(message => MessageId.Compute(message))];
    private static readonly Dictionary<MessageId, int> Numbers = Ids.Select((id, i) => (id, i)).ToDictionary(pair => pair.id, pair => pair.i);

    public static byte[] At(int item) => Bytes[item % Count];

    public static MessageId IdOf(int item) => Ids[item % Count];

    /// <summary>Which message an id is of.</summary>
    public static int NumberOf(in MessageId id) => Numbers[id];

    public static Verdict VerdictOn(int item) => World.ScriptedLayer.VerdictOn(At(item));

    /// <summary>One in eight is consumed, one in eight rejected. The first byte is the origin; none is important.</summary>
    private static byte[] Make(int item) =>
    [
        (byte)(1 + (item % 3)), 0, (byte)item, (byte)(item >> 8), (item % 8) switch { 6 => ConsumeByte, 7 => RejectByte, _ => 0 },
    ];
}
