namespace Logos.P2P.Tests.Wire;

/// <summary>One address in all its forms.</summary>
/// <param name="Text">As people read it.</param>
/// <param name="V1">16 bytes in hex.</param>
/// <param name="V2">Network id, length and bytes in hex, without the port.</param>
internal sealed record AddressVector(string Text, string V1, string V2)
{
    public override string ToString() => Text;
}

/// <summary>The addresses of Bitcoin Core's and BIP155's tests.</summary>
internal static class AddressVectors
{
    private const string Zeros = "00000000000000000000000000000000";

    public static readonly AddressVector[] Dialable =
    [
        new("1.2.3.4", "00000000000000000000ffff01020304", "010401020304"),
        new("1a1b:2a2b:3a3b:4a4b:5a5b:6a6b:7a7b:8a8b",
            "1a1b2a2b3a3b4a4b5a5b6a6b7a7b8a8b",
            "02101a1b2a2b3a3b4a4b5a5b6a6b7a7b8a8b"),
        new("pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion",
            Zeros,
            "042079bcc625184b05194975c28b66b66b0469f7f6556fb1ac3189a79b40dda32f1f"),
        new("kpgvmscirrdqpekbqjsvw5teanhatztpp2gl6eee4zkowvwfxwenqaid.onion",
            Zeros,
            "042053cd5648488c4707914182655b7664034e09e66f7e8cbf1084e654eb56c5bd88"),
        new("ukeu3k5oycgaauneqgtnvselmt4yemvoilkln7jpvamvfx7dnkdq.b32.i2p",
            Zeros,
            "0520a2894dabaec08c0051a481a6dac88b64f98232ae42d4b6fd2fa81952dfe36a87"),
        new("fc00:1:2:3:4:5:6:7",
            Zeros,
            "0610fc000001000200030004000500060007"),
    ];

    /// <summary>No address, and the internal address of the source named "a".</summary>
    public static readonly AddressVector[] NotDialable =
    [
        new("::", Zeros, "0210" + Zeros),
        new("ca978112ca1bbdcafac2.internal",
            "fd6b88c08724ca978112ca1bbdcafac2",
            "0210fd6b88c08724ca978112ca1bbdcafac2"),
    ];

    public static readonly AddressVector[] All = [.. Dialable, .. NotDialable];
}
