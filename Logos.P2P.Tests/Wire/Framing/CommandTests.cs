using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Wire;

public sealed class CommandTests
{
    /// <summary>The frozen table: name, largest payload.</summary>
    private static readonly TestCaseData[] Table =
    [
        new(Command.Other, "*other*", 4_000_000),
        new(Command.Version, "version", 1024),
        new(Command.Verack, "verack", 0),
        new(Command.SendAddrV2, "sendaddrv2", 0),
        new(Command.Feature, "feature", 600),
        new(Command.GetAddr, "getaddr", 0),
        new(Command.Addr, "addr", 30_003),
        new(Command.AddrV2, "addrv2", 531_003),
        new(Command.Ping, "ping", 8),
        new(Command.Pong, "pong", 8),
        new(Command.Inv, "inv", 1_800_003),
        new(Command.GetData, "getdata", 1_800_003),
        new(Command.NotFound, "notfound", 1_800_003),
        new(Command.Logos, "logos", 4_000_000),
        new(Command.Direct, "direct", 4_000_000),
        new(Command.Have, "have", 30_000),
        new(Command.Want, "want", 30_000),
        new(Command.Late, "late", 8),
        new(Command.Early, "early", 8),
        new(Command.Coming, "coming", 10),
        new(Command.Hold, "hold", 6),
        new(Command.Graft, "graft", 4),
        new(Command.Chunks, "chunks", 7_880),
        new(Command.Chunk, "chunk", 65_512),
        new(Command.HaveChunk, "havechunk", 251),
        new(Command.WantChunk, "wantchunk", 251),
        new(Command.WantShort, "wantshort", 30_016),
        new(Command.LackShort, "lackshort", 30_016),
    ];

    private static readonly Command[] KnownCommands = [.. Enum.GetValues<Command>().Where(c => c != Command.Other)];

    private static readonly string[] UnknownNames =
    [
        "", "x", "badmsg", "ping2", "pin", "PING", "Ping", "p ing", " ping", "tx", "block", "wtxidrelay", "logos2",
        "sendaddrv3", "twelve_bytes", "~~~~~~~~~~~~", "            ", "*other*",
    ];

    /// <summary>In hex, and not for beauty: a case with a control character in its name is never run.</summary>
    private static readonly TestCaseData[] MalformedFields =
    [
        new("6572726f72 000000000000 78", "a byte after the NULs, at the end"),
        new("6572726f72 00 78", "a byte after the first NUL"),
        new("70696e67 000000 78", "a known name and a byte after its NULs"),
        new("00 70696e67", "a NUL in front"),
        new("70 07 696e67", "a control byte"),
        new("70696e67 0a", "a line feed"),
        new("1f 696e67", "the last byte before the printable ones"),
        new("01", "the first byte that is not NUL"),
        new("70696e67 7f", "DEL, the first byte after the printable ones"),
        new("70696e67 80", "a byte over 7f"),
        new("70696e67 ff", "ff"),
        new("70 c3af 6e67", "UTF-8"),
    ];

    [TestCaseSource(nameof(Table))]
    public void A_command_has_a_name_and_a_largest_payload(Command command, string name, int maxPayload)
    {
        Assert.That(command.Name(), Is.EqualTo(name));
        Assert.That(command.MaxPayload(), Is.EqualTo(maxPayload));
    }

    [Test]
    public void Every_command_is_in_the_table()
    {
        Assert.That(Table.Select(row => row.Arguments[0]), Is.EqualTo(Enum.GetValues<Command>()));
        Assert.That(Commands.Count, Is.EqualTo(Table.Length));
    }

    [TestCaseSource(nameof(KnownCommands))]
    public void A_known_command_is_written_and_read(Command command)
    {
        byte[] field = Enumerable.Repeat((byte)0xEE, 13).ToArray();

        command.WriteField(field);

        Assert.That(field[..12], Is.EqualTo(WireBytes.CommandField(command.Name())));
        Assert.That(field[12], Is.EqualTo(0xEE), "It has twelve bytes.");
        Assert.That(Commands.TryReadField(field, out Command read));
        Assert.That(read, Is.EqualTo(command));
    }

    [TestCaseSource(nameof(UnknownNames))]
    public void A_well_formed_name_that_we_do_not_know_is_some_other_command(string name)
    {
        Assert.That(Commands.TryReadField(WireBytes.CommandField(name), out Command command));
        Assert.That(command, Is.EqualTo(Command.Other));
    }

    [TestCaseSource(nameof(MalformedFields))]
    public void A_field_that_is_not_text_padded_with_NULs_is_malformed(string hex, string why)
    {
        byte[] field = new byte[12];
        WireBytes.Hex(hex).CopyTo(field, 0);

        Assert.That(Commands.TryReadField(field, out Command command), Is.False, why);
        Assert.That(command, Is.EqualTo(Command.Other));
    }

    [Test]
    public void Only_the_twelve_bytes_of_the_field_are_looked_at()
    {
        byte[] bytes = [.. WireBytes.CommandField("ping"), 0xFF, (byte)'x'];

        Assert.That(Commands.TryReadField(bytes, out Command command));
        Assert.That(command, Is.EqualTo(Command.Ping));
    }
}
