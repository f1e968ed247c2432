using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Logos.P2P.Tests.Wire;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Docs;

/// <summary>The frames in the description of the protocol are those that a node sends.</summary>
internal sealed class ProtocolTests
{
    private static readonly ShortIdKey Key = new(0x0706050403020100, 0x0f0e0d0c0b0a0908);

    private static readonly Lazy<string> Document = new(() => File.ReadAllText(Repository.Find("docs", "protocol.md")));

    private static readonly Lazy<JsonElement> Vectors =
        new(() => JsonDocument.Parse(File.ReadAllText(Repository.Find("docs", "vectors.json"))).RootElement);

    private static IEnumerable<TestCaseData> Frames()
    {
        var pool = new FramePool(P2PNetwork.Regtest);
        ShortId name = ShortId.Of(MessageId.Compute("abc"u8), Key);
        byte[] data = new byte[ShortIdKey.Size];
        Key.Write(data);
        yield return Row("feature", pool.Create(new FeatureMessage(Features.Relay.ToArray(), data)));
        yield return Row("have", pool.Create(Command.Have, name));
        yield return Row("want", pool.Create(Command.Want, name));
        yield return Row("late", pool.Create(Command.Late, name, (ushort)3));
        yield return Row("early", pool.Create(Command.Early, name, (ushort)12));
        yield return Row("coming", pool.CreateComing(name, 20_000u));
        yield return Row("hold", pool.Create(Command.Hold, name));
        yield return Row("graft", pool.CreateGraft(7u));
        yield return Row("logos.chunk", pool.Create(new FeatureMessage(Features.Chunk.ToArray(), default)));
        byte[] zeros = new byte[ChunkList.SmallestMessage];
        yield return Row("chunks", pool.Create(ChunkList.Of(zeros, MessageId.Compute(zeros))));
        yield return Row("chunk", pool.Create(Command.Chunk, "abc"u8));
        yield return Row("havechunk", pool.Create(Command.HaveChunk, name, [0, 8]));
        yield return Row("wantchunk", pool.Create(Command.WantChunk, name, [0, 8]));
        yield return Row("wantshort", pool.Create(Command.WantShort, Key, [name]));
        yield return Row("lackshort", pool.Create(Command.LackShort, Key, [name]));

        static TestCaseData Row(string command, Frame frame) =>
            new TestCaseData(command, WireBytes.Hex(frame.Memory.Span)).SetArgDisplayNames(command);
    }

    [TestCaseSource(nameof(Frames))]
    public void A_frame_of_our_relay_is_what_it_says(string command, string frame)
    {
        string[] written = [.. Regex.Matches(Document.Value, $@"^\| `{command}` \| `(fabfb5da[0-9a-f]+)` \|$", RegexOptions.Multiline)
            .Select(match => match.Groups[1].Value)];

        Assert.That(written, Is.EqualTo(new[] { frame }));
    }

    [TestCaseSource(nameof(Frames))]
    public void The_frames_for_other_programs_are_the_same(string command, string frame)
    {
        JsonElement vector = Vectors.Value.GetProperty("frames").EnumerateArray()
            .Single(vector => vector.GetProperty("vector").GetString() == command);

        Assert.That(vector.GetProperty("frame").GetString(), Is.EqualTo(frame));
        Assert.That(frame, Does.EndWith(vector.GetProperty("payload").GetString()!));
        Assert.That(frame, Has.Length.EqualTo((2 * WireLimits.HeaderSize) + vector.GetProperty("payload").GetString()!.Length));
        string hexName = WireBytes.Hex(Encoding.ASCII.GetBytes(vector.GetProperty("command").GetString()!.PadRight(12, '\0')));
        Assert.That(frame.Substring(8, 24), Is.EqualTo(hexName));
    }

    [Test]
    public void The_short_id_for_other_programs_is_that_of_the_message()
    {
        JsonElement example = Vectors.Value.GetProperty("shortId");
        byte[] data = new byte[ShortIdKey.Size], message = WireBytes.Hex(example.GetProperty("message").GetString()!);
        Key.Write(data);
        byte[] name = BitConverter.GetBytes(ShortId.Of(MessageId.Compute(message), Key).Value)[..6];

        Assert.That(example.GetProperty("key").GetString(), Is.EqualTo(WireBytes.Hex(data)));
        Assert.That(example.GetProperty("shortId").GetString(), Is.EqualTo(WireBytes.Hex(name)));
    }

    [Test]
    public void It_names_every_command_and_its_largest_payload()
    {
        foreach (Command command in Enum.GetValues<Command>().Where(command => command != Command.Other))
        {
            string name = command.ToString().ToLowerInvariant();
            Assert.That(Document.Value, Does.Match($@"(?m)^\| .*`{name}`.* \| {command.MaxPayload():N0} \|$"), name);
        }
    }
}
